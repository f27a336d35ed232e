//! Names that are no secrets, but say whose secret stands beside them.

use crate::rules::rank::{Confidence, Group, Severity};
use crate::rules::spec::{Check, Spec, shape, special};

const fn identifier(
    id: &'static str,
    title: &'static str,
    literals: &'static [&'static str],
    tail: &'static str,
    docs: &'static str,
) -> Spec {
    shape(id, title, Severity::None, literals, tail, docs)
        .group(Group::Identifier)
        .sure(Confidence::Low)
}

pub(crate) static RULES: &[Spec] = &[
    identifier(
        "aws-resource-name",
        "AWS resource name",
        &["arn:aws:"],
        "{e:2-20}:{w:0-20}:{w:0-12}:{v:1-120}",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html",
    )
    .check(Check::Arn)
    .like(&[
        "arn:aws:iam::{d:12}:user/{l:8}",
        "arn:aws:sns:eu-west-1:{d:12}:{l:8}",
        "arn:aws:s3:::{l:12}",
    ])
    .not(&[
        "arn:aws:iam::aws:policy/{l:12}",
        "arn:aws:sns:somewhere:{d:12}:{l:8}",
        "arn:aws:sns:eu-west-1:{d:8}:{l:8}",
    ]),
    identifier(
        "aws-s3-bucket",
        "Amazon S3 bucket",
        &[".s3"],
        "{e:1-30}amazonaws.com",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-bucket-intro.html",
    )
    .head("{e:3-63}")
    .like(&[
        "{l:12}.s3.amazonaws.com",
        "{l:12}.s3-eu-west-1.amazonaws.com",
        "{l:12}.s3.eu-west-1.amazonaws.com",
    ])
    .not(&["{l:12}.s3.example.com", "s3.amazonaws.com"]),
    identifier(
        "aws-s3-bucket-path",
        "Amazon S3 bucket in a path",
        &["amazonaws.com/"],
        "{e:3-63}",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-bucket-intro.html",
    )
    .head("s3{e:1-30}")
    .like(&[
        "https://s3.amazonaws.com/{l:12}",
        "https://s3-eu-west-1.amazonaws.com/{l:12}",
    ])
    .not(&[
        "https://s3.amazonaws.com/",
        "https://{l:12}.s3.amazonaws.com/{l:12}",
        "https://ec2.amazonaws.com/{l:12}",
    ]),
    identifier(
        "aws-account-id",
        "AWS account id",
        &[
            "aws_account_id=",
            "AWS_ACCOUNT_ID=",
            "AWSAccountId: \"",
            "aws_account_id = \"",
            "AWS_ACCOUNT_ID: \"",
        ],
        "{d:12}",
        "https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-identifiers.html",
    ),
    identifier(
        "google-oauth-client-id",
        "Google OAuth client id",
        &[".apps.googleusercontent.com"],
        "",
        "https://developers.google.com/identity/protocols/oauth2",
    )
    .head("{d:10-14}-{l:32}"),
    identifier(
        "google-storage-bucket",
        "Google Cloud storage bucket",
        &[".storage.googleapis.com"],
        "",
        "https://cloud.google.com/storage/docs/request-endpoints",
    )
    .head("{e:3-63}")
    .not(&["https://{l:2}.storage.googleapis.com/{l:12}"]),
    identifier(
        "google-storage-bucket-path",
        "Google Cloud storage bucket in a path",
        &["//storage.googleapis.com/"],
        "{e:3-63}",
        "https://cloud.google.com/storage/docs/request-endpoints",
    )
    .not(&["https://storage.googleapis.com/{l:2}"]),
    identifier(
        "azure-storage-account",
        "Azure storage account",
        &[".blob.core.windows.net"],
        "",
        "https://learn.microsoft.com/azure/storage/common/storage-account-overview",
    )
    .head("{l:3-24}"),
    identifier(
        "salesforce-my-domain",
        "Salesforce My Domain",
        &[".my.salesforce.com"],
        "",
        "https://help.salesforce.com/s/articleView?id=xcloud.domain_name_overview.htm",
    )
    .head("{w:3-60}"),
    special(
        "user-name-beside-password",
        "User's name beside a password",
        Severity::None,
        "https://cwe.mitre.org/data/definitions/798.html",
        &[
            "username = \"{A:8}\"\npassword = \"{a:12}\"",
            "host=db.internal user={A:8} password={a:12} dbname=app",
            "psexec \\\\host -u {A:8} -p {a:12} cmd",
        ],
        &[
            "username = \"{A:8}\"",
            "username = \"${USER}\"\npassword = \"{a:12}\"",
            "psexec \\\\host -u %USER% -p {a:12} cmd",
        ],
    )
    .group(Group::Identifier)
    .sure(Confidence::Low),
    identifier(
        "shopify-shop",
        "Shopify shop",
        &[".myshopify.com"],
        "",
        "https://shopify.dev/docs",
    )
    .head("{e:3-60}"),
    identifier(
        "age-recipient",
        "age recipient",
        &["age1"],
        "{l:58}",
        "https://github.com/C2SP/C2SP/blob/main/age.md",
    ),
    identifier(
        "environment-user-name",
        "User's name in an environment file",
        &["_USERNAME=", "_USER="],
        "{v:3-60}",
        "https://www.dotenv.org/docs",
    )
    .head("{k:2-40}")
    .check(Check::Assigned)
    .not(&["DB_USER=${l:8}", "DB_USERNAME={{{l:8}}}"]),
    identifier(
        "stripe-publishable-key",
        "Stripe publishable key",
        &["pk_live_"],
        "{a:16-128}",
        "https://docs.stripe.com/keys",
    ),
    identifier(
        "posthog-project-key",
        "PostHog project key",
        &["phc_"],
        "{w:41-49}",
        "https://posthog.com/docs/api",
    ),
];
