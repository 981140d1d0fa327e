//! Texts that mean harm: too long, too deep, or broken at random.

use super::*;

#[test]
fn limits() {
    let limits = Limits { max_tokens: 4, max_nesting: 1 };
    assert!(scan("{ a b } # and any amount of comment", &limits).is_ok());
    let error = scan("{ a b c }", &limits).unwrap_err();
    assert_eq!(error, SyntaxError::TooManyTokens { limit: "max_tokens", value: 4 });
    let error = scan("{ a(", &limits).unwrap_err();
    assert_eq!(error, SyntaxError::TooDeep { limit: "max_nesting", value: 1 });
    assert_eq!(error.location(), None);
}

/// Documents of `depth` brackets within each other, closed or not.
fn bombs(depth: usize) -> Vec<String> {
    let nested = |before: &str, open: &str, inner: &str, close: &str, after: &str, around: usize| {
        let times = depth - around;
        format!("{before}{}{inner}{}{after}", open.repeat(times), close.repeat(times))
    };
    let mut bombs = vec![
        nested("", "{a", "", "}", "", 0),
        nested("", "{...", "{a}", "}", "", 1),
        nested("", "{...on T@d(a:1)", "{a}", "}", "", 1),
        nested("{a(x:", "[", "", "]", ")}", 2),
        nested("{a(x:", "{k:", "1", "}", ")}", 2),
        nested("{a(x:", "{k:{k:1}j:[", "", "]}", ")}", depth - (depth - 1) / 2),
        nested("{a@d(x:", "[1", "", "]", ")}", 2),
        nested("query($x:", "[", "T", "]", "){a}", 1),
        nested("query($x:T=", "[", "", "]", "){a}", 1),
        nested("query($x:T@d(a:", "{k:", "1", "}", ")){a}", 2),
        nested("fragment F on T", "{a", "", "}", "{a}", 0),
        nested("type X@d(a:", "[", "", "]", ")", 1),
        nested("type X{a(b:C=", "{k:", "1", "}", "):D}", 2),
        nested("type X{a:", "[", "T", "]", "}", 1),
    ];
    for whole in bombs.clone() {
        bombs.push(whole.trim_end_matches(['}', ']', ')']).to_owned());
    }
    bombs
}

/// Selection sets 100 deep are refused, because async-graphql-parser reads 65; all else at the limit is read or refused,
/// in no time and with an eighth of the stack that a server process has.
#[test]
fn nesting_bombs_do_no_harm() {
    let work = || {
        for text in bombs(100) {
            let start = Instant::now();
            match parsed(&text) {
                Ok(document) => drop(document),
                Err(SyntaxError::TooDeep { value, .. }) => assert_eq!(value, 64),
                Err(error) if text.starts_with("type") => {
                    assert!(matches!(error, SyntaxError::TypeSystem { .. }), "{text}");
                }
                Err(error) => assert!(error.to_string().contains("<EOF>"), "{error}: {text}"),
            }
            assert!(start.elapsed() < Duration::from_millis(500), "{text}");
        }
        for text in bombs(101) {
            assert_eq!(
                scan(&text, &LIMITS).err(),
                Some(SyntaxError::TooDeep { limit: "max_nesting", value: 100 }),
                "{text}"
            );
        }
        assert!(bombs(65).iter().take(14).all(|text| parsed(text).is_ok()));
    };
    std::thread::Builder::new().stack_size(1 << 20).spawn(work).unwrap().join().unwrap();
}

#[test]
fn long_hostile_texts_take_no_time() {
    let limits = Limits { max_tokens: usize::MAX, max_nesting: usize::MAX };
    for unit in [
        "[",
        "{",
        "(",
        "\"",
        "#",
        ",",
        "\\",
        "\"\\",
        "\"\"\"\n ",
        "{a",
        "...",
        "$",
        "\u{feff}",
        "-",
        "0",
        "é",
        "\"\"",
        "\"\"\"\\",
        "\n",
        "{a(x:\"",
        "type X@",
        "@",
        ";",
        "!",
        "{a{",
    ] {
        for text in [
            unit.repeat((1 << 18) / unit.len()),
            format!("{{a(x:{}", unit.repeat(1 << 16)),
            format!("\"\"\"{}", unit.repeat(1 << 16)),
        ] {
            let start = Instant::now();
            if let Ok(scan) = scan(&text, &limits) {
                assert!(scan.shape().is_empty() || !text.starts_with('{'));
            }
            assert!(start.elapsed() < Duration::from_secs(2), "{unit}: {:?}", start.elapsed());
        }
    }
}

#[test]
fn a_document_at_the_limits_takes_little_time() {
    let field = "f(a:{k:1 j:[A$v]})@d ";
    let text = format!("{{{}}}", field.repeat(9_996 / 19));
    let start = Instant::now();
    document(&text);
    assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
}

/// A linear congruential generator with the constants of Knuth's MMIX.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % end
    }
}

/// Whatever the text, scanning and parsing come to an end without a panic, and white space, commas and comments change
/// nothing. What the grammar allows, async-graphql-parser reads.
#[test]
fn mutated_documents() {
    let pieces: Vec<&str> =
        "{ } ( ) [ ] : = @ ! | & $ ... \" \"\"\" \\ # \n , true null on query fragment type extend 0 1.5 -1 _ \"s\" @d(a:1) ($x:T=1) é \u{0}"
            .split(' ')
            .collect();
    let mut sources: Vec<String> = fixtures("syntax.jsonl")
        .iter()
        .map(|fixture| fixture["query"].as_str().unwrap().to_owned())
        .collect();
    sources.extend(
        fixtures("validation.jsonl")
            .iter()
            .take(200)
            .map(|fixture| fixture["query"].as_str().unwrap().to_owned()),
    );
    let mut random = Random(42);
    let mut documents = 0;
    for _ in 0..20_000 {
        let mut text: Vec<char> = sources[random.below(sources.len())].chars().take(400).collect();
        for _ in 0..=random.below(3) {
            let from = random.below(text.len() + 1);
            let to = (from + random.below(3)).min(text.len());
            let piece = pieces[random.below(pieces.len())].chars();
            text.splice(from..to, piece);
        }
        let text: String = text.into_iter().collect();
        let scan = scanned(&text);
        match parse(&scan) {
            Ok(_) => {
                documents += 1;
                assert_eq!(scan.shape(), scanned(&format!("#é\r\n,{text}\r\t,#")).shape());
                assert!(scan.shape().is_ascii() && !scan.shape().is_empty() && !scan.shape().contains('\n'));
            }
            Err(error) => {
                assert!(!matches!(error, SyntaxError::Unreadable { .. }), "{text}");
                assert!(
                    error.location().is_some() && !error.to_string().contains(char::is_control),
                    "{text}"
                );
            }
        }
    }
    assert!(documents > 1_000, "{documents}");
}
