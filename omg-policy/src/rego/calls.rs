//! What the rules of a policy refer to: never to themselves, and not far.
//!
//! Recursion is no Rego (OPA refuses it when it compiles, and so its documentation says under
//! "Functions"), but the interpreter only notices that it takes long. How deep rules may be in the
//! middle of one another bounds the stack of an evaluation, and how long an error takes to come
//! back out after the limit of time.

use std::collections::BTreeMap;

use serde_json::Value;

/// How many rules and functions may be in the middle of one another.
pub(super) const MAX_DEPTH: usize = 64;

/// Each rule of a policy, with the names that it has in it.
type Rules<'a> = BTreeMap<&'a str, Vec<&'a str>>;

/// Looks through the syntax tree of a policy, as the interpreter prints it; the error is for people.
pub(super) fn check(tree: &str) -> Result<(), String> {
    // Operators in a row nest as well: `1 + 1 + 1` is one sum in another.
    let tree: Value =
        serde_json::from_str(tree).map_err(|_| "an expression nests too deep".to_owned())?;
    let module = &tree[0]["ast"];
    for import in list(&module["imports"]) {
        if Reference::of(&import["refr"]).name() == Some("data") {
            return Err("there is nothing to import from data".to_owned());
        }
    }
    let mut rules = Rules::new();
    for rule in list(&module["rules"]) {
        let (name, parts) = taken_apart(rule).ok_or("a rule has no name")?;
        let names = rules.entry(name).or_default();
        for part in parts {
            collect(part, names)?;
        }
    }
    let mut heights = BTreeMap::new();
    for name in rules.keys() {
        height(name, &rules, &mut heights, MAX_DEPTH)?;
    }
    Ok(())
}

/// The name that a rule starts with (of `a.b[c] := d` it is `a`), and what may refer to others.
fn taken_apart(rule: &Value) -> Option<(&str, Vec<&Value>)> {
    let head = match rule["Spec"]["head"].as_object() {
        Some(kinds) => kinds.values().next()?.as_object()?,
        None => rule["Default"].as_object()?,
    };
    let reference = Reference::of(head.get("refr")?);
    let others = head.iter().filter(|(key, _)| *key != "refr");
    let mut parts: Vec<&Value> = others.map(|(_, part)| part).collect();
    parts.extend(&reference.indices);
    parts.push(&rule["Spec"]["bodies"]);
    Some((reference.name()?, parts))
}

/// Adds each name in a part of the tree that may be a rule's. Local ones count as well: it is no
/// harm to take a rule for one that refers to another.
fn collect<'a>(part: &'a Value, names: &mut Vec<&'a str>) -> Result<(), String> {
    let parts = match part {
        Value::Array(parts) => return parts.iter().try_for_each(|part| collect(part, names)),
        Value::Object(parts) => parts,
        _ => return Ok(()),
    };
    for replaced in list(&part["with_mods"]) {
        if Reference::of(&replaced["refr"]).name() != Some("input") {
            return Err("with may replace nothing but the input".to_owned());
        }
    }
    let reference = Reference::of(part);
    let Some(name) = reference.name() else {
        return parts.values().try_for_each(|part| collect(part, names));
    };
    names.push(match (name, reference.fields.as_slice()) {
        ("data", [Some("omg"), Some(rule), ..]) => rule,
        ("data", _) => return Err("there is no data but data.omg, rule by rule".to_owned()),
        _ => name,
    });
    let mut indices = reference.indices.into_iter();
    indices.try_for_each(|index| collect(index, names))
}

/// `root.field["field"][index]`
struct Reference<'a> {
    root: &'a Value,
    /// None is a field that has to be computed.
    fields: Vec<Option<&'a str>>,
    indices: Vec<&'a Value>,
}

impl<'a> Reference<'a> {
    fn of(mut root: &'a Value) -> Self {
        let (mut fields, mut indices) = (Vec::new(), Vec::new());
        loop {
            let (dot, bracket) = (&root["RefDot"], &root["RefBrack"]);
            if dot.is_object() {
                fields.push(dot["field"][1].as_str());
                root = &dot["refr"];
            } else if bracket.is_object() {
                fields.push(bracket["index"]["String"]["value"].as_str());
                indices.push(&bracket["index"]);
                root = &bracket["refr"];
            } else {
                break;
            }
        }
        fields.reverse();
        Self {
            root,
            fields,
            indices,
        }
    }

    fn name(&self) -> Option<&'a str> {
        self.root["Var"]["value"].as_str()
    }
}

/// How many rules can be in the middle of one another from this one on; `left` is how many may.
fn height<'a>(
    name: &'a str,
    rules: &Rules<'a>,
    heights: &mut BTreeMap<&'a str, Option<usize>>,
    left: usize,
) -> Result<usize, String> {
    let known = heights.get(name).copied();
    if known == Some(None) {
        return Err(format!("{name} refers to itself"));
    }
    let least = known.flatten().unwrap_or(1);
    if least > left {
        return Err(format!("rules refer to one another over {MAX_DEPTH} deep"));
    }
    if known.is_some() {
        return Ok(least);
    }
    heights.insert(name, None);
    let mut height_here = 1;
    for other in rules.get(name).into_iter().flatten() {
        if rules.contains_key(other) {
            height_here = height_here.max(1 + height(other, rules, heights, left - 1)?);
        }
    }
    heights.insert(name, Some(height_here));
    Ok(height_here)
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}
