//! Turns a `jsonb` of variables or extensions into JSON values, within limits.
//!
//! It is walked rather than printed: a numeric of a few bytes prints as 131 072 digits, thousands of times over.

use super::text;
use crate::error::{Error, InputError};
use crate::limits::{Limits, within};
use pgrx::pg_sys;
use serde_json::{Map, Number, Value};
use std::ffi::CStr;

/// Digits of the longest number that is read; a float has 309 before its point.
const MOST_DIGITS: i32 = 400;

/// The variables or the extensions of a request, as PostgreSQL gave them.
#[derive(Clone, Copy)]
pub(crate) struct Entries {
    pub(super) jsonb: Option<pg_sys::Datum>,
    /// What is wrong if they are no object.
    pub(super) otherwise: fn() -> InputError,
}

impl Entries {
    /// The entries by name; none for SQL null and JSON null.
    ///
    /// # Errors
    /// They are too large, nested too deeply, no object, or have a number that no scalar can hold.
    pub(crate) fn read(self, limits: &Limits) -> Result<Map<String, Value>, Error> {
        let Some(datum) = self.jsonb else { return Ok(Map::new()) };
        #[allow(
            clippy::cast_ptr_alignment,
            reason = "PostgreSQL aligns every varlena with a long header to four bytes"
        )]
        // SAFETY: the datum is the function's jsonb argument. Its size is known before it is decompressed.
        let jsonb = unsafe {
            let bytes = pg_sys::toast_raw_datum_size(datum) as u64;
            within("max_variables_bytes", bytes, limits.variables_bytes)?;
            pg_sys::pg_detoast_datum(datum.cast_mut_ptr()).cast::<pg_sys::Jsonb>()
        };
        // SAFETY: a detoasted jsonb is a varlena with its root container behind the header.
        match unsafe { walk(&raw mut (*jsonb).root, limits.nesting)? } {
            Value::Object(variables) => Ok(variables),
            Value::Null => Ok(Map::new()),
            _ => Err(Error::Input((self.otherwise)())),
        }
    }
}

/// A container that is open, and the key that its next value has.
struct Open {
    value: Value,
    key: String,
}

/// The value of a container: a loop with a stack of its own, as nesting is the client's.
///
/// # Safety
/// `root` is the root of a valid `jsonb`.
unsafe fn walk(root: *mut pg_sys::JsonbContainer, most: u64) -> Result<Value, Error> {
    // SAFETY: the iterator is made from the root and asked until it is done; `token` is filled by each call.
    unsafe {
        let mut iterator = pg_sys::JsonbIteratorInit(root);
        let mut token: pg_sys::JsonbValue = std::mem::zeroed();
        let mut stack: Vec<Open> = Vec::new();
        let mut is_scalar = false;
        loop {
            pgrx::check_for_interrupts!();
            let value = match pg_sys::JsonbIteratorNext(&raw mut iterator, &raw mut token, false) {
                pg_sys::JsonbIteratorToken::WJB_BEGIN_ARRAY => {
                    is_scalar |= token.val.array.rawScalar;
                    open(&mut stack, Value::Array(Vec::new()), most)?;
                    continue;
                }
                pg_sys::JsonbIteratorToken::WJB_BEGIN_OBJECT => {
                    open(&mut stack, Value::Object(Map::new()), most)?;
                    continue;
                }
                pg_sys::JsonbIteratorToken::WJB_KEY => {
                    let key = string(&token)?;
                    if let Some(open) = stack.last_mut() {
                        open.key = key;
                    }
                    continue;
                }
                pg_sys::JsonbIteratorToken::WJB_VALUE | pg_sys::JsonbIteratorToken::WJB_ELEM => {
                    scalar(&token)?
                }
                pg_sys::JsonbIteratorToken::WJB_END_ARRAY | pg_sys::JsonbIteratorToken::WJB_END_OBJECT => {
                    stack.pop().map_or(Value::Null, |open| open.value)
                }
                _ => return Ok(Value::Null),
            };
            match stack.last_mut() {
                Some(Open { value: Value::Array(items), .. }) => items.push(value),
                Some(Open { value: Value::Object(map), key }) => {
                    map.insert(std::mem::take(key), value);
                }
                _ => return Ok(unwrapped(value, is_scalar)),
            }
        }
    }
}

fn open(stack: &mut Vec<Open>, value: Value, most: u64) -> Result<(), Error> {
    within("max_nesting", stack.len() as u64 + 1, most)?;
    stack.push(Open { value, key: String::new() });
    Ok(())
}

/// A scalar at the top is kept by jsonb in an array of one.
fn unwrapped(value: Value, is_scalar: bool) -> Value {
    match value {
        Value::Array(mut items) if is_scalar => items.pop().unwrap_or_default(),
        value => value,
    }
}

/// # Safety
/// The token is a scalar that the iterator has just filled.
unsafe fn scalar(token: &pg_sys::JsonbValue) -> Result<Value, Error> {
    // SAFETY: the type tells which member of the union is set.
    unsafe {
        match token.type_ {
            pg_sys::jbvType::jbvString => string(token).map(Value::String),
            pg_sys::jbvType::jbvNumeric => number(token.val.numeric).map(Value::Number),
            pg_sys::jbvType::jbvBool => Ok(Value::Bool(token.val.boolean)),
            _ => Ok(Value::Null),
        }
    }
}

/// # Safety
/// The token is a string.
unsafe fn string(token: &pg_sys::JsonbValue) -> Result<String, Error> {
    // SAFETY: the type of the token is string, so this member of the union is set.
    let bytes = unsafe {
        let string = token.val.string;
        std::slice::from_raw_parts(string.val.cast::<u8>(), usize::try_from(string.len).unwrap_or(0))
    };
    // The database's encoding is UTF-8, or CREATE EXTENSION would have refused it.
    String::from_utf8(bytes.to_vec()).map_err(|_| Error::Input(InputError::VariablesNotObject))
}

/// # Safety
/// The numeric is one of the jsonb's.
unsafe fn number(numeric: pg_sys::Numeric) -> Result<Number, Error> {
    let too_long = || Error::Input(InputError::NumberTooLong);
    // SAFETY: it is a varlena, which is only printed if it has few digits.
    let text = unsafe {
        let datum = pg_sys::Datum::from(numeric);
        if digits(text::bytes(datum)).is_none_or(|digits| digits > MOST_DIGITS) {
            return Err(too_long());
        }
        let printed = pgrx::direct_function_call_as_datum(pg_sys::numeric_out, &[Some(datum)]);
        CStr::from_ptr(printed.ok_or_else(too_long)?.cast_mut_ptr()).to_str().map_err(|_| too_long())?
    };
    text.parse::<i64>()
        .map(Number::from)
        .ok()
        .or_else(|| text.parse::<f64>().ok().and_then(Number::from_f64))
        .ok_or_else(too_long)
}

/// How many digits a numeric has before and after its point, from its header (`numeric.c`, "Local data types").
fn digits(numeric: &[u8]) -> Option<i32> {
    let (header, rest) = numeric.split_first_chunk::<2>()?;
    let header = u16::from_ne_bytes(*header);
    let (weight, scale) = if header & 0x8000 != 0 {
        let weight = i32::from(header & 0x3f);
        (if header & 0x40 == 0 { weight } else { weight - 0x40 }, i32::from((header & 0x1f80) >> 7))
    } else {
        let weight = i16::from_ne_bytes(*rest.first_chunk::<2>()?);
        (i32::from(weight), i32::from(header & 0x3fff))
    };
    // Base 10 000: four digits each. A weight below zero has none before the point.
    Some((weight + 1).max(0) * 4 + scale)
}

#[cfg(test)]
mod tests {
    use super::digits;

    #[test]
    fn the_digits_of_a_numeric_are_known_from_its_header() {
        let short = |weight: u16, scale: u16| (0x8000 | scale << 7 | weight).to_ne_bytes().to_vec();
        assert_eq!(digits(&short(0, 0)), Some(4));
        assert_eq!(digits(&short(2, 5)), Some(17));
        assert_eq!(digits(&short(0x7f, 3)), Some(3));
        let long = [0x0005_u16.to_ne_bytes(), 32_767_i16.to_ne_bytes()].concat();
        assert_eq!(digits(&long), Some(131_077));
        assert_eq!(digits(&[0]), None);
    }
}
