//! Why a value does not fit its type, in graphql-js's words.

use thiserror::Error;

/// Why a value does not fit its type. Values are printed as in [`inspect`](super::inspect::inspect); `hint` is empty or
/// asks for what was meant.
#[derive(Debug, Clone, PartialEq, Error)]
#[allow(missing_docs, reason = "the sentence of each variant says what its parts are")]
pub enum Misfit {
    #[error("Expected non-nullable type \"{0}\" not to be null.")]
    Null(String),
    #[error("Expected type \"{0}\" to be an object.")]
    NoObject(String),
    #[error("Field \"{field}\" of required type \"{ty}\" was not provided.")]
    MissingField { field: String, ty: String },
    #[error("Field \"{field}\" is not defined by type \"{ty}\".{hint}")]
    UnknownField { field: String, ty: String, hint: String },
    #[error("Exactly one key must be specified for OneOf type \"{0}\".")]
    NotOneOf(String),
    #[error("Field \"{0}\" must be non-null.")]
    NullOneOf(String),
    #[error("Enum \"{ty}\" cannot represent non-string value: {value}.{hint}")]
    NoName { ty: String, value: String, hint: String },
    #[error("Value \"{value}\" does not exist in \"{ty}\" enum.{hint}")]
    UnknownName { ty: String, value: String, hint: String },
    #[error("Int cannot represent non-integer value: {0}")]
    Int(String),
    #[error("Int cannot represent non 32-bit signed integer value: {0}")]
    IntRange(String),
    #[error("Float cannot represent non numeric value: {0}")]
    Float(String),
    #[error("String cannot represent a non string value: {0}")]
    String(String),
    #[error("Boolean cannot represent a non boolean value: {0}")]
    Boolean(String),
    #[error("ID cannot represent value: {0}")]
    Id(String),
    #[error("{ty} cannot represent what is no RFC 3339 date-time: {value}")]
    DateTime { ty: String, value: String },
    #[error("Expected type \"{0}\".")]
    Kind(String),
}
