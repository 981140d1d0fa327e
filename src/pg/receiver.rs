//! Turns the first row of a result into values in the memory that the caller names.
//!
//! SPI's own table of tuples would copy an answer twice more, into a tuple and out of it.

use super::text;
use pgrx::pg_sys;
use pgrx::prelude::pg_guard;
use std::ffi::CString;

/// The values of a row, each with whether it is null.
pub(super) struct Row(Vec<(pg_sys::Datum, bool)>);

impl Row {
    /// The value of a column, counted from 1, and whether it is null.
    pub(super) fn value(&self, column: usize) -> (pg_sys::Datum, bool) {
        let value = column.checked_sub(1).and_then(|place| self.0.get(place));
        value.copied().unwrap_or((pg_sys::Datum::null(), true))
    }

    /// A column of type `text`.
    pub(super) fn text(&self, column: usize) -> Option<String> {
        let (datum, is_null) = self.value(column);
        // SAFETY: the statements of this crate select text in the columns that are read with this.
        unsafe { text::string(datum, is_null) }
    }

    /// A column of type `bigint`.
    pub(super) fn bigint(&self, column: usize) -> Option<i64> {
        let (datum, is_null) = self.value(column);
        (!is_null).then(|| datum.value().cast_signed() as i64)
    }

    /// A `bigint` of the row that a column holds, by its name there.
    pub(super) fn attribute(&self, column: usize, name: &str) -> Option<i64> {
        let (datum, is_null) = self.value(column);
        let name = CString::new(name).ok()?;
        if is_null {
            return None;
        }
        let mut is_null = false;
        #[allow(
            clippy::cast_ptr_alignment,
            reason = "PostgreSQL aligns every composite value to eight bytes"
        )]
        // SAFETY: the column is a composite value, in the memory of this row; the name ends in NUL.
        let datum = unsafe {
            let tuple = pg_sys::pg_detoast_datum(datum.cast_mut_ptr()).cast::<pg_sys::HeapTupleHeaderData>();
            pg_sys::GetAttributeByName(tuple, name.as_ptr(), &raw mut is_null)
        };
        (!is_null).then(|| datum.value().cast_signed() as i64)
    }

    /// A column of type `boolean`.
    pub(super) fn boolean(&self, column: usize) -> bool {
        let (datum, is_null) = self.value(column);
        !is_null && datum.value() != 0
    }
}

/// A destination as PostgreSQL knows it, and behind it what is ours.
#[repr(C)]
struct Receiver {
    base: pg_sys::DestReceiver,
    memory: pg_sys::MemoryContext,
    row: Option<Row>,
}

/// Gives `run` a destination, and then the first row that it received.
pub(super) fn first_row(
    memory: pg_sys::MemoryContext,
    run: impl FnOnce(*mut pg_sys::DestReceiver),
) -> Option<Row> {
    let base = pg_sys::DestReceiver {
        receiveSlot: Some(receive),
        rStartup: Some(start),
        rShutdown: Some(end),
        rDestroy: Some(end),
        mydest: pg_sys::CommandDest::DestNone,
    };
    let mut receiver = Receiver { base, memory, row: None };
    run((&raw mut receiver).cast());
    receiver.row
}

/// Copies the row; no further one is wanted.
#[pg_guard]
unsafe extern "C-unwind" fn receive(
    slot: *mut pg_sys::TupleTableSlot,
    this: *mut pg_sys::DestReceiver,
) -> bool {
    // SAFETY: `this` is the first member of the Receiver that `first_row` made, which outlives the statement.
    // The slot's arrays have a place for each attribute of its descriptor once all are fetched.
    unsafe {
        let receiver = &mut *this.cast::<Receiver>();
        pg_sys::slot_getallattrs(slot);
        let attributes =
            (*(*slot).tts_tupleDescriptor).attrs.as_slice((*slot).tts_nvalid.unsigned_abs().into());
        let values = std::slice::from_raw_parts((*slot).tts_values, attributes.len());
        let nulls = std::slice::from_raw_parts((*slot).tts_isnull, attributes.len());
        let before = pg_sys::MemoryContextSwitchTo(receiver.memory);
        // The statements of this crate select values of a machine word and of variable length, no others.
        let copy =
            |((value, is_null), attribute): ((&pg_sys::Datum, &bool), &pg_sys::FormData_pg_attribute)| {
                if *is_null || attribute.attbyval {
                    return (*value, *is_null);
                }
                (pg_sys::Datum::from(pg_sys::pg_detoast_datum_copy(value.cast_mut_ptr())), false)
            };
        receiver.row = Some(Row(values.iter().zip(nulls).zip(attributes).map(copy).collect()));
        pg_sys::MemoryContextSwitchTo(before);
        false
    }
}

unsafe extern "C-unwind" fn start(_: *mut pg_sys::DestReceiver, _: i32, _: pg_sys::TupleDesc) {}

unsafe extern "C-unwind" fn end(_: *mut pg_sys::DestReceiver) {}
