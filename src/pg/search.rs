//! Turns the words of a post into those of its tenant, and its text into what PostgreSQL's parser may be given.
//!
//! `sql/search.sql` says why. In Rust because a post's INSERT waits for both: as text, with PL/pgSQL, they took ten times as long.

use super::raw::Raw;
use super::text;
use pgrx::pg_sys;
use pgrx::pg_sys::errcodes::PgSqlErrorCode;
use pgrx::prelude::*;

/// As long a run of characters without a blank as the parser is given.
const LONGEST_RUN: usize = 200;

/// A text without tags, and without long runs: a `<` and the end of each run become characters that no stored text has.
#[pg_extern(sql = false)]
fn search_text(stored: &str) -> String {
    let mut text = String::with_capacity(stored.len() + stored.len() / LONGEST_RUN + 1);
    let (mut copied, mut run) = (0, 0);
    for (place, character) in stored.char_indices() {
        run = if character.is_ascii_whitespace() { 0 } else { run % LONGEST_RUN + 1 };
        if character == '<' || run == LONGEST_RUN {
            text.push_str(stored.get(copied..place).unwrap_or_default());
            text.push(if character == '<' { '\u{3}' } else { character });
            if run == LONGEST_RUN {
                text.push('\u{4}');
            }
            copied = place + character.len_utf8();
        }
    }
    text.push_str(stored.get(copied..).unwrap_or_default());
    text
}

/// The vector with `<tenant>:` before each of its words. They stay in their order, as all of them begin alike.
#[pg_extern(sql = false)]
fn tenant_vector(fcinfo: pg_sys::FunctionCallInfo) -> Raw {
    // SAFETY: sql/search.sql declares bigint and tsvector, and the function as strict.
    let (tenant, vector) = unsafe {
        let argument = |place| pgrx::fcinfo::pg_getarg_datum(fcinfo, place);
        (pgrx::fcinfo::pg_getarg::<i64>(fcinfo, 0).unwrap_or(0), argument(1).unwrap_or(pg_sys::Datum::null()))
    };
    let prefix = format!("{tenant}:");
    // SAFETY: detoasting gives a plain, aligned vector in the memory of this call.
    let (entries, words) = unsafe {
        let plain = pg_sys::Datum::from(pg_sys::pg_detoast_datum(vector.cast_mut_ptr()));
        let vector = plain.cast_mut_ptr::<pg_sys::TSVectorData>();
        let entries = (*vector).entries.as_slice(usize::try_from((*vector).size).unwrap_or(0));
        let words = text::bytes(plain).get(size_of::<i32>() + size_of_val(entries)..);
        (entries, words.unwrap_or(&[]))
    };
    let mut written = Vec::with_capacity(words.len() + entries.len() * (prefix.len() + 1));
    let entries = entries.iter().map(|entry| prefixed(*entry, words, prefix.as_bytes(), &mut written));
    let entries: Vec<pg_sys::WordEntry> = entries.collect();
    Raw(vector_of(&entries, &written))
}

/// Appends a word and its positions, and gives the entry that says where they are (`tsearch/ts_type.h`).
fn prefixed(
    mut entry: pg_sys::WordEntry,
    words: &[u8],
    prefix: &[u8],
    written: &mut Vec<u8>,
) -> pg_sys::WordEntry {
    let begin = entry.pos() as usize;
    let end = begin + entry.len() as usize;
    let place = written.len();
    written.extend_from_slice(prefix);
    written.extend_from_slice(words.get(begin..end).unwrap_or(&[]));
    let length = written.len() - place;
    if length > pg_sys::MAXSTRLEN as usize || written.len() > pg_sys::MAXSTRPOS as usize {
        ereport!(
            ERROR,
            PgSqlErrorCode::ERRCODE_PROGRAM_LIMIT_EXCEEDED,
            "the words are too long for a tsvector"
        );
    }
    if entry.haspos() != 0 {
        let (from, count) = (end.next_multiple_of(2), size_of::<u16>());
        let positions = words.get(from..from + count).and_then(|bytes| bytes.try_into().ok());
        let positions = positions.map_or(0, u16::from_ne_bytes);
        let bytes = words.get(from..from + count + usize::from(positions) * size_of::<u16>());
        written.resize(written.len().next_multiple_of(2), 0);
        written.extend_from_slice(bytes.unwrap_or(&[]));
    }
    let (length, place) = (u32::try_from(length).unwrap_or(0), u32::try_from(place).unwrap_or(0));
    entry.set_len(length);
    entry.set_pos(place);
    entry
}

/// A `tsvector` in the current memory context.
fn vector_of(entries: &[pg_sys::WordEntry], words: &[u8]) -> pg_sys::Datum {
    let size = size_of::<pg_sys::TSVectorData>() + size_of_val(entries) + words.len();
    // SAFETY: as many bytes are allocated as its three parts take, and all of them written.
    unsafe {
        let vector = pg_sys::palloc(size).cast::<pg_sys::TSVectorData>();
        pgrx::varlena::set_varsize_4b(vector.cast(), i32::try_from(size).unwrap_or(i32::MAX));
        (*vector).size = i32::try_from(entries.len()).unwrap_or(0);
        let place = (*vector).entries.as_mut_ptr();
        place.copy_from_nonoverlapping(entries.as_ptr(), entries.len());
        place.add(entries.len()).cast::<u8>().copy_from_nonoverlapping(words.as_ptr(), words.len());
        pg_sys::Datum::from(vector)
    }
}
