//! What a program holds where a value would be: nothing of it is found, and the credential beside
//! it still is.

#![allow(clippy::unwrap_used)] // Helpers of tests.

use omg_secrets::Scanner;

fn rules(text: &str) -> Vec<String> {
    let scanner = Scanner::builder().build().unwrap();
    let findings = scanner.scan(text.as_bytes());
    findings
        .map(|finding| finding.rule.id().to_owned())
        .collect()
}

#[test]
fn expressions_without_spaces_are_no_values() {
    for text in [
        // A program on one line, of which the value is the beginning.
        "x={questionToken:Fn2});In.push(Hr(J1,Yi.declaration||We.value)[0]);if(m.length||!F)return}\n",
        "t={endOfFileToken:k2,flags:1,text:\"\",fileName:'',path:(\"\")} if(x)\n",
        // Calls and types.
        "becomeToken = GetS4UTokenForUser8(sid, logonType)\n",
        "  'auth_token': dict(env=['VAULT_TOKEN'])\n",
        "\"token_requests\": \"List[StorageV1TokenRequest]\"\n",
        "type AuthToken256 = TrialComponentKey256[]\n",
        // The quote closes a string, and the next one opens another.
        "o.params.push(\"access_token=\"+(n||R.ACCESS_TOKEN||\"\"));\n",
        "throw Error(\"Bad token: \"+Mt(t.a1));f(\"x\")\n",
        // Patterns.
        "qtoken = r'(?:\"([^\"]|\"\")+\"|[\\w]+?)'\n",
        // A list of strings.
        "[\"cache\",\"credentials\",\"r3ferrerPolicy\",\"integrity\"]\n",
        "{\"required\":[\"User\",\"Password\"],\"members\":{\"a1\":1}}\n",
        "const token = '%[a-f0-9]{2}';\n",
        // A call that ends a statement, a function, and what stands behind a type.
        "q.password):u.open(d,k,h);h&&(u.timeout=q.timeout,u.responseType=\n",
        "{\"./lib/PropTypesSecret\":5}],3:[function(require,module,exports){\n",
        "visitors.environmentVisitor<PluginPass>({\\n    Arrow3Function(\n",
        // Versions, and names of encodings and algorithms.
        "\"@aws-sdk/credential-provider-node\": \"^3.972.98\",\n",
        "\"credential-provider\": \">=4.5.x\",\n",
        "password = password.decode(\"UTF-8\")\n",
        "readFile('/etc/passwd', 'utf8', callback);\n",
        "if password.startswith(\"SCRAM-SHA-256\"):\n",
        // Text of another script.
        "if token.endswith(\"\\u0646\\u0627\") and len(token) > 3:\n",
        "\"pass\": \"\u{8981}\u{7d20}\u{306e}\u{65e2}\u{5b58}\u{306e}<img>\u{306e}\u{4ee3}\u{66ff}\",\n",
        // Parts of one, and a name that promises that there is none.
        "\"token\": f\"{self.token[:5]}...\",\n",
        "\"token\": f\"id7-{self.token[:5]}\",\n",
        "\"token\": \"e72ca1655d05...\",\n",
        "passwordless=\"Vq7xTz9Rw3Lm\"\n",
        // Where one is in a list of pages.
        "\"NextContinuationToken\": \"1w41l63U0xa8q7smH50vCxyTQqdxo69O3EmK28Bi5PcROI4w\"\n",
        "\"ClientRequestToken\": \"k2J9sLq0ZtVbN4xWcR7u\"\n",
        // Constants of a standard, and dates.
        "fetch(u, {credentials: 'same-origin'})\n",
        "\"PasswordLastUsed\": \"2016-09-24T16:18:07Z\"\n",
        "return this.renderPass = \"opaque\"\n",
    ] {
        assert_eq!(rules(text), [""; 0], "{text}");
    }
}

#[test]
fn values_that_look_a_little_like_expressions_are_found() {
    for (text, rule) in [
        (
            "password = m{{h}o)p${e]nob(ody[f>-_$#this}}\n",
            "generic-password",
        ),
        ("password = \"List(9)x#Kq7!\"\n", "generic-password"),
        (
            "client_secret: \"+bFQtBCta7j2vWkjPkAFtgA==\"\n",
            "generic-secret",
        ),
        ("put(\"password\", \"Vq7xTz9Rw3Lm\")\n", "generic-password"),
        ("[\"password\", \"Vq7xTz9Rw3Lm\"]\n", "generic-password"),
        (
            "refresh_token = \"k2J9sLq0ZtVbN4xWcR7u\"\n",
            "generic-token",
        ),
        ("NEXT_AUTH_SECRET=k2J9sLq0ZtVbN4xWcR7u\n", "generic-secret"),
        ("credentials: 'Vq7xTz9Rw3Lm'\n", "generic-secret"),
        ("password = \":x;9K!(q}Zw#4\"\n", "generic-password"),
        ("password = \"1990-01-31\"\n", "generic-password"),
    ] {
        assert_eq!(rules(text), [rule], "{text}");
    }
}
