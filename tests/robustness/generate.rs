//! Turns chance into requests of all kinds, for all schemas.

use proptest::prelude::any;
use proptest::strategy::{NewTree, Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use saas_blog::limits::Limits;
use saas_blog::operation::Entry;
use saas_blog::schema::{Schema, TypeRef};
use serde_json::{Map, Value as Json};

use super::seeds::seeds;
use super::shrink::Shrinking;
use super::{Case, grammar, mutate, nest, schemas, values};
use crate::common::{ROLES, Random, Request, request, scopes};

/// Any request.
#[derive(Debug)]
pub(super) struct Cases;

impl Strategy for Cases {
    type Tree = Shrinking;
    type Value = Case;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Self> {
        let mut random = Random(any::<u64>().new_tree(runner)?.current());
        let place = [0, 0, 0, 0, 1, 1, 2][random.below(7)];
        let schema = schemas()[place];
        let mut types = Vec::new();
        let query = match random.below(40) {
            0 => any::<String>().new_tree(runner)?.current(),
            1 => {
                let bytes = proptest::collection::vec(any::<u8>(), 0..200).new_tree(runner)?.current();
                String::from_utf8_lossy(&bytes).into_owned()
            }
            2..=4 => mutate::soup(schema, &mut random),
            5..=18 => {
                let written = grammar::document(schema, &mut random);
                types = written.variables;
                written.text
            }
            19..=22 => {
                let written = grammar::document(schema, &mut random);
                let other = seed(&mut random, place).to_owned();
                mutate::mutated(schema, &mut random, &written.text, &other)
            }
            23 => return Ok(Shrinking::new(nest::case(&mut random, schema))),
            _ => {
                let (text, other) = (seed(&mut random, place), seed(&mut random, place));
                mutate::mutated(schema, &mut random, text, other)
            }
        };
        let variables = variables(&mut random, schema, &query, &types);
        let request = request(query).over(schema).variables(variables);
        // A few are sent to the wrong function.
        let subscribes = request.query.contains("subscription") && random.below(5) > 0;
        let request =
            Request { entry: if subscribes { Entry::Subscribe } else { Entry::Execute }, ..request };
        let request = request.role(role(&mut random)).scopes(any_scopes(&mut random));
        let request = request.limits(any_limits(&mut random));
        let several = request.query.contains("Op1");
        let request = match random.below(if several { 4 } else { 12 }) {
            0 => request.named(["Op0", "Q", "Other", "", "\u{0}é"][random.below(5)]),
            1 | 2 if several => request.named(["Op0", "Op1"][random.below(2)]),
            _ => request,
        };
        let salt = any::<u64>().new_tree(runner)?.current();
        Ok(Shrinking::new(Case { request, salt, variations: 1 }))
    }
}

fn seed(random: &mut Random, place: usize) -> &'static str {
    let place = if random.below(10) == 0 { random.below(3) } else { place };
    let seeds = &seeds()[place];
    &seeds[random.below(seeds.len())]
}

fn role(random: &mut Random) -> saas_blog::schema::Role {
    [ROLES[0], ROLES[1], ROLES[2], ROLES[2], ROLES[2], ROLES[3]][random.below(6)]
}

fn any_scopes(random: &mut Random) -> saas_blog::schema::Scopes {
    let claims: [Option<&[&str]>; 8] = [
        None,
        None,
        None,
        None,
        Some(&[]),
        Some(&["read:posts"]),
        Some(&["read:posts", "read:users"]),
        Some(&["read:posts", "write:posts", "write:comments"]),
    ];
    scopes(claims[random.below(8)])
}

/// Mostly those of an installation that changes nothing, sometimes tiny ones, sometimes almost none.
fn any_limits(random: &mut Random) -> Limits {
    let limits = Limits::default();
    match random.below(8) {
        0 => {
            let mut small = |most: usize| random.below(most) as u64;
            Limits {
                tokens: small(200),
                nesting: small(30),
                depth: small(8),
                aliases: small(4),
                root_fields: small(4),
                directives: small(4),
                fields: small(50),
                page_size: small(120),
                rows: small(2_000),
                cost: small(1 << 20),
                ..limits
            }
        }
        1 => nest::open(),
        _ => limits,
    }
}

/// Values for what the text calls a variable.
pub(super) fn variables(
    random: &mut Random,
    schema: &Schema,
    query: &str,
    types: &[(String, TypeRef)],
) -> Json {
    let names = query.split('$').skip(1).map(|rest| {
        let rest = rest.trim_start();
        let end = rest.find(|c: char| c != '_' && !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
        &rest[..end]
    });
    let mut variables = Map::new();
    for name in names.take(100).filter(|name| name.len() < 100) {
        if random.below(5) == 0 || variables.contains_key(name) {
            continue;
        }
        let known = types.iter().find(|(known, _)| known == name);
        let value = match known {
            Some((_, ty)) => values::json(schema, random, ty),
            None => values::any_json(random, 3),
        };
        variables.insert(name.to_owned(), value);
    }
    Json::Object(variables)
}
