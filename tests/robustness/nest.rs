//! Turns chance into requests that are as deep or as long as limits allow, and a little more.

use saas_blog::limits::Limits;
use saas_blog::schema::Schema;
use serde_json::json;

use super::Case;
use crate::common::{Random, numbered, request};

/// The most that the settings can allow, so that the text itself has to stop.
pub(super) fn open() -> Limits {
    let most = u64::MAX;
    let (tokens, fields) = (100_000, 20_000);
    Limits {
        tokens,
        fields,
        nesting: 200,
        depth: most,
        aliases: most,
        root_fields: most,
        directives: most,
        rows: most,
        cost: most,
        ..Limits::default()
    }
}

/// What is opened, what stands inside, and what closes it, with what stands around all of it.
const NESTS: [[&str; 5]; 19] = [
    ["", "{a", "", "}", ""],
    ["{", "...{", "__typename", "}", "}"],
    ["{", "...on Query @include(if:true){", "__typename", "}", "}"],
    ["{me", "{posts{nodes{author", "{id}", "}}}", "}"],
    ["{posts{nodes{id ", "author{posts{nodes{", "id", "}}}", "}}}"],
    ["{posts{edges{node", "{a:comments{edges{node{post", "{id}", "}}}}", "}}}"],
    ["{viewer{posts{nodes{author", "{posts{nodes{author", "{id}", "}}}", "}}}}"],
    ["{search(q:\"\",meta:", "[", "1", "]", "){__typename}}"],
    ["{search(q:\"\",meta:", "{a:", "1", "}", "){__typename}}"],
    ["{posts(filter:", "{not:", "{}", "}", "){totalCount}}"],
    ["{posts(filter:", "{and:[{or:", "{}", "}]}", "){totalCount}}"],
    ["query($v:JSON=", "[{a:", "1", "}]", "){search(q:\"\",meta:$v){__typename}}"],
    ["query($v:", "[", "Int", "]", "){matrix(rows:$v)}"],
    ["query($v:", "[", "Int", "!]!", "){matrix(rows:$v)}"],
    ["query($v:PostFilter=", "{not:", "{}", "}", "){posts(filter:$v){totalCount}}"],
    ["{me{id @skip(if:", "[", "true", "]", ")}}"],
    ["{matrix(rows:", "[", "1", "]", ")}"],
    ["{__schema{types", "{fields{type", "{name}", "}}", "}}"],
    ["type X{a:", "[", "T", "]", "}"],
];

/// Chains of fragments, each of which spreads the next one: what stands before that, and behind it.
const CHAINS: [[&str; 4]; 6] = [
    ["Query", "{", "}", "__typename"],
    ["User", "{id posts{nodes{author{", "}}}}", "name"],
    ["Post", "{author{posts{nodes{", "}}}}", "id title"],
    ["Post", "{id @skip(if:false) ...on Post{", "}a:title}", "id"],
    ["Node", "{...on Node{", "}id}", "id"],
    ["Query", "{...on Query{__typename ", "}__schema{types{name}}}", "__typename"],
];

/// A deep request.
pub(super) fn case(random: &mut Random, schema: &'static Schema) -> Case {
    let limits = match random.below(3) {
        0 => Limits::default(),
        1 => open(),
        _ => Limits { tokens: u64::MAX, fields: u64::MAX, ..open() },
    };
    let depth = [random.below(70), 60 + random.below(8), 95 + random.below(10), 190 + random.below(15)];
    let long = random.below(12) == 0;
    let depth = if long { 2_000 } else { depth[random.below(4)] };
    let query = match random.below(4) {
        0 => chain(random, depth),
        1 => conflicts(random),
        _ => nested(random, depth),
    };
    let json = (0..depth.min(200)).fold(json!({}), |inner, _| json!({ "not": inner }));
    let request = request(query).over(schema).limits(limits).variables(json!({ "v": json }));
    Case { request, salt: 0, variations: 1 }
}

fn nested(random: &mut Random, depth: usize) -> String {
    let [before, open, inner, close, after] = NESTS[random.below(NESTS.len())];
    // How many of them a limit on brackets lets through.
    let brackets = open.bytes().filter(|byte| b"{[(".contains(byte)).count();
    let times = if random.below(3) > 0 { depth / brackets } else { depth };
    let text = format!("{before}{}{inner}{}{after}", open.repeat(times), close.repeat(times));
    if random.below(8) == 0 { text.trim_end_matches(['}', ']', ')']).to_owned() } else { text }
}

fn chain(random: &mut Random, length: usize) -> String {
    let [on, before, behind, last] = CHAINS[random.below(CHAINS.len())];
    let length = if random.below(2) == 0 { length / 3 } else { length };
    let times = [1, 1, 1, 2][random.below(4)];
    let piece = |n| {
        let next = format!("...F{} ", n + 1).repeat(times);
        format!("fragment F{n} on {on}{before}{next}{behind}")
    };
    let root = match on {
        "User" => "{me{...F0}}",
        "Post" => "{posts{nodes{...F0}}}",
        "Node" => "{me{...F0}tenant{...F0}}",
        _ => "{...F0}",
    };
    let around = if random.below(6) == 0 { format!("{{{last} ...F0}}") } else { format!("{{{last}}}") };
    format!("{root}{}fragment F{length} on {on}{around}", numbered(0..length, piece))
}

/// Fields of one key, deep and wide, equal or not.
fn conflicts(random: &mut Random) -> String {
    let (width, depth, differ) = (1 + random.below(30), random.below(12), random.below(3));
    let piece = |n| {
        let size = if differ == 0 { n } else { 1 };
        let open = format!("posts(first:{size}){{nodes{{author{{");
        let inner = format!("k:{}", if differ == 1 && n % 7 == 6 { "name" } else { "id" });
        format!("me{{{}{inner}{}}}", open.repeat(depth), "}}}".repeat(depth))
    };
    format!("{{{}}}", numbered(0..width, piece))
}
