//! Turns types into literals and JSON that fit them, mostly, and chance into some that fit nothing.

use saas_blog::schema::{InputObject, ScalarKind, Schema, TypeKind, TypeRef};
use serde_json::{Value as Json, json};

use crate::common::{ID, Random};

const NAMES: &str = "a id x first last limit after before if ID Post User Query Node __typename __schema __type on null true \
                     fragment query posts nodes edges me F0 F1 v0 unknown ünknown _ _0 __ title content";
const STRINGS: [&str; 18] = [
    "\"\"",
    "\"s\"",
    "\"demo\"",
    "\"\"\"block \\\"\"\" \"\"\"",
    "\"\"\"\n  a\n    b\n\"\"\"",
    "\"\"\"\u{7}\u{1b}[31m\"\"\"",
    "\"\u{7f}\u{9b}\u{0}\"",
    "\"\\u00e9\\n\\\"\"",
    "\"\\u{1F600}\"",
    "\"\\u0000\"",
    "\"é😀\"",
    "\"33333333-3333-4333-8333-333333333333\"",
    "\"2026-11-23T10:15:00Z\"",
    "\"# no comment\"",
    "\"$1 ' \\\\ -- ; /*\"",
    "\"{0:_}\"",
    "\"+qTyAAJ8pXNXwAAzMzMzMzMzMzMzMzMzMzMz\"",
    "\"1\"",
];
const INTS: [&str; 14] = [
    "0",
    "1",
    "2",
    "3",
    "10",
    "100",
    "101",
    "-1",
    "-0",
    "2147483647",
    "-2147483648",
    "2147483648",
    "9007199254740993",
    "123456789012345678901234567890",
];
const FLOATS: [&str; 6] = ["0.0", "1.5", "-1e3", "1e308", "1e999", "3.141592653589793238462643383279"];

/// A name of the schema's, or one that it does not know.
pub(super) fn name(schema: &Schema, random: &mut Random) -> String {
    let known: Vec<&str> = NAMES.split_whitespace().collect();
    if random.below(2) == 0 {
        return random.pick(&known).to_owned();
    }
    let types: Vec<_> = schema.types().map(|(_, definition)| definition).collect();
    let ty = types[random.below(types.len())];
    match ty.fields() {
        [] => ty.name.clone(),
        fields => fields[random.below(fields.len())].name.clone(),
    }
}

pub(super) fn int(random: &mut Random) -> String {
    if random.below(4) == 0 { random.pick(&INTS).to_owned() } else { random.below(30).to_string() }
}

pub(super) fn float(random: &mut Random) -> String {
    random.pick(&FLOATS).to_owned()
}

pub(super) fn string(random: &mut Random) -> String {
    random.pick(&STRINGS).to_owned()
}

/// A literal of any kind.
pub(super) fn any(random: &mut Random, depth: usize) -> String {
    match random.below(if depth == 0 { 7 } else { 9 }) {
        0 => int(random),
        1 => float(random),
        2 => string(random),
        3 => "null".to_owned(),
        4 => ["true", "false"][random.below(2)].to_owned(),
        5 => ["ENUM", "DESC", "PUBLISHED", "TONNE"][random.below(4)].to_owned(),
        6 => format!("$v{}", random.below(4)),
        7 => format!("[{}]", parts(random, |random| any(random, depth - 1)).join(" ")),
        _ => {
            let field = |random: &mut Random| {
                format!("{}: {}", ["a", "b", "id", "and"][random.below(4)], any(random, depth - 1))
            };
            format!("{{{}}}", parts(random, field).join(" "))
        }
    }
}

fn parts<T>(random: &mut Random, mut part: impl FnMut(&mut Random) -> T) -> Vec<T> {
    (0..random.below(4)).map(|_| part(random)).collect()
}

/// What may take the place of a literal: a variable.
type Instead<'a> = &'a mut dyn FnMut(&mut Random, &TypeRef) -> Option<String>;

/// A literal of the type.
pub(super) fn literal(schema: &Schema, random: &mut Random, ty: &TypeRef, instead: Instead<'_>) -> String {
    if let Some(text) = instead(random, ty) {
        return text;
    }
    match ty {
        TypeRef::NonNull(inner) => not_null(schema, random, inner, instead),
        _ if random.below(12) == 0 => "null".to_owned(),
        _ => not_null(schema, random, ty, instead),
    }
}

fn not_null(schema: &Schema, random: &mut Random, ty: &TypeRef, instead: Instead<'_>) -> String {
    let id = match ty {
        TypeRef::NonNull(inner) => return not_null(schema, random, inner, instead),
        TypeRef::List(inner) if random.below(3) == 0 => {
            return not_null(schema, random, inner, &mut |_, _| None);
        }
        TypeRef::List(inner) => {
            let items: Vec<String> =
                (0..random.below(4)).map(|_| literal(schema, random, inner, instead)).collect();
            return format!("[{}]", items.join(", "));
        }
        TypeRef::Named(id) => *id,
    };
    match &schema.get(id).kind {
        TypeKind::Enum(values) => values[random.below(values.len())].name.clone(),
        TypeKind::InputObject(object) => input_object(schema, random, object, instead),
        TypeKind::Scalar(scalar) => match scalar.kind {
            ScalarKind::Int => {
                if random.below(10) > 0 {
                    random.below(10).to_string()
                } else {
                    int(random)
                }
            }
            ScalarKind::Float => {
                if random.below(3) == 0 {
                    int(random)
                } else {
                    float(random)
                }
            }
            ScalarKind::DateTime if random.below(4) > 0 => "\"2026-11-23T10:15:00.5+01:00\"".to_owned(),
            ScalarKind::String | ScalarKind::DateTime => string(random),
            ScalarKind::Boolean => ["true", "false"][random.below(2)].to_owned(),
            ScalarKind::Id => match random.below(3) {
                0 => int(random),
                1 => string(random),
                _ => format!("\"{ID}\""),
            },
            ScalarKind::Json => any(random, 3).replace('$', "E"),
        },
        _ => any(random, 2),
    }
}

fn input_object(schema: &Schema, random: &mut Random, object: &InputObject, instead: Instead<'_>) -> String {
    let only = random.below(object.fields.len().max(1));
    let mut fields = Vec::new();
    for (at, field) in object.fields.iter().enumerate() {
        let wanted = if object.one_of { at == only } else { field.is_required() || random.below(6) == 0 };
        if wanted {
            let value = if object.one_of {
                not_null(schema, random, &field.ty, &mut |_, _| None)
            } else {
                literal(schema, random, &field.ty, instead)
            };
            fields.push(format!("{}: {value}", field.name));
        }
    }
    format!("{{{}}}", fields.join(", "))
}

/// A value for a variable of the type, mostly a fitting one.
pub(super) fn json(schema: &Schema, random: &mut Random, ty: &TypeRef) -> Json {
    if random.below(20) == 0 {
        return any_json(random, 3);
    }
    match ty {
        TypeRef::NonNull(inner) => match json(schema, random, inner) {
            Json::Null => json!(1),
            value => value,
        },
        _ if random.below(10) == 0 => Json::Null,
        TypeRef::List(inner) if random.below(3) == 0 => json(schema, random, inner),
        TypeRef::List(inner) => parts(random, |random| json(schema, random, inner)).into(),
        TypeRef::Named(id) => match &schema.get(*id).kind {
            TypeKind::Enum(values) => values[random.below(values.len())].name.clone().into(),
            TypeKind::InputObject(object) => {
                let only = random.below(object.fields.len().max(1));
                let fields = object.fields.iter().enumerate().filter_map(|(at, field)| {
                    let rare = field.is_required() || random.below(5) == 0;
                    let wanted = if object.one_of { at == only } else { rare };
                    wanted.then(|| (field.name.clone(), json(schema, random, &field.ty)))
                });
                Json::Object(fields.collect())
            }
            TypeKind::Scalar(scalar) => match scalar.kind {
                ScalarKind::Int => json!(random.below(30)),
                ScalarKind::Float => json!(1.5),
                ScalarKind::Boolean => json!(random.below(2) == 0),
                ScalarKind::Id => json!(ID),
                ScalarKind::DateTime => json!("2026-11-23T10:15:00Z"),
                ScalarKind::String => json!("+qTyAAJ8pXNXwAAzMzMzMzMzMzMzMzMzMzMz"),
                ScalarKind::Json => any_json(random, 3),
            },
            _ => any_json(random, 3),
        },
    }
}

/// Any JSON at all.
pub(super) fn any_json(random: &mut Random, depth: usize) -> Json {
    match random.below(if depth == 0 { 10 } else { 13 }) {
        0 => Json::Null,
        1 => json!(random.below(2) == 0),
        2 => json!(random.below(200)),
        3 => json!([-1, 2_147_483_648_i64, i64::MIN, i64::MAX][random.below(4)]),
        4 => json!([1.5, 3.0, -0.0, 1e308, 1e-308, 1e21][random.below(6)]),
        5 => json!(
            ["", "demo", "\u{0}", "é😀\u{200b}", "1", "null", "DESC", "2026-11-23T10:15:00Z"]
                [random.below(8)]
        ),
        6 => json!(ID),
        7 => json!("x\n".repeat(random.below(2_000))),
        8 => json!(u64::MAX),
        9 => (0..random.below(150)).fold(json!(1), |inner, _| json!([inner])),
        10 => (0..random.below(150)).fold(json!(1), |inner, _| json!({ "not": inner })),
        11 => parts(random, |random| any_json(random, depth - 1)).into(),
        _ => {
            let field = |random: &mut Random| {
                (
                    ["a", "b", "id", "and", "\u{7}\n", ""][random.below(6)].to_owned(),
                    any_json(random, depth - 1),
                )
            };
            Json::Object(parts(random, field).into_iter().collect())
        }
    }
}
