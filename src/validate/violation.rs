//! The sentences about broken rules, in graphql-js's words, so that clients and editors recognise them.

use thiserror::Error;

/// A broken rule of [section 5](https://spec.graphql.org/October2021/#sec-Validation).
#[derive(Debug, Clone, PartialEq, Error)]
#[allow(missing_docs, reason = "the sentence of each variant says what its parts are")]
pub enum Violation {
    #[error("The {0} definition is not executable.")]
    NotExecutable(String),
    #[error("There can be only one operation named \"{0}\".")]
    DuplicateOperation(String),
    #[error("This anonymous operation must be the only defined operation.")]
    LoneAnonymousOperation,
    #[error("{0} must select only one top level field.")]
    SubscriptionOfSeveralFields(String),
    #[error("{0} must not select an introspection top level field.")]
    SubscriptionOfIntrospection(String),
    #[error("Unknown type \"{0}\".{1}")]
    UnknownType(String, String),
    #[error("Fragment{name} cannot condition on non composite type \"{ty}\".")]
    FragmentOnLeaf { name: Spread, ty: String },
    #[error("Variable \"${variable}\" cannot be non-input type \"{ty}\".")]
    NoInputType { variable: String, ty: String },
    #[error("Field \"{field}\" must not have a selection since type \"{ty}\" has no subfields.")]
    SelectionOnLeaf { field: String, ty: String },
    #[error(
        "Field \"{field}\" of type \"{ty}\" must have a selection of subfields. Did you mean \"{field} {{ ... }}\"?"
    )]
    MissingSelection { field: String, ty: String },
    #[error("Cannot query field \"{field}\" on type \"{ty}\".{suggestion}")]
    UnknownField { field: String, ty: String, suggestion: String },
    #[error("There can be only one fragment named \"{0}\".")]
    DuplicateFragment(String),
    #[error("Unknown fragment \"{0}\".")]
    UnknownFragment(String),
    #[error("Fragment \"{0}\" is never used.")]
    UnusedFragment(String),
    #[error(
        "Fragment{name} cannot be spread here as objects of type \"{parent}\" can never be of type \"{ty}\"."
    )]
    ImpossibleFragment { name: Spread, parent: String, ty: String },
    #[error("Cannot spread fragment \"{name}\" within itself{}.", via(.by))]
    FragmentCycle { name: String, by: Vec<String> },
    #[error("There can be only one variable named \"${0}\".")]
    DuplicateVariable(String),
    #[error("Variable \"${variable}\" is not defined{}.", of_operation(" by", .operation.as_deref()))]
    UndefinedVariable { variable: String, operation: Option<String> },
    #[error("Variable \"${variable}\" is never used{}.", of_operation(" in", .operation.as_deref()))]
    UnusedVariable { variable: String, operation: Option<String> },
    #[error("Unknown directive \"@{0}\".")]
    UnknownDirective(String),
    #[error("Directive \"@{directive}\" may not be used on {location}.")]
    MisplacedDirective { directive: String, location: &'static str },
    #[error("The directive \"@{0}\" can only be used once at this location.")]
    RepeatedDirective(String),
    #[error("Unknown argument \"{argument}\" on {owner}.{suggestion}")]
    UnknownArgument { argument: String, owner: String, suggestion: String },
    #[error("There can be only one argument named \"{0}\".")]
    DuplicateArgument(String),
    #[error("Expected value of type \"{ty}\", found {found}.")]
    WrongType { ty: String, found: String },
    #[error("{0}")]
    WrongScalar(String),
    #[error("Enum \"{ty}\" cannot represent non-enum value: {found}.{suggestion}")]
    NoEnumValue { ty: String, found: String, suggestion: String },
    #[error("Value \"{found}\" does not exist in \"{ty}\" enum.{suggestion}")]
    UnknownEnumValue { ty: String, found: String, suggestion: String },
    #[error("Field \"{ty}.{field}\" of required type \"{wanted}\" was not provided.")]
    MissingInputField { ty: String, field: String, wanted: String },
    #[error("Field \"{field}\" is not defined by type \"{ty}\".{suggestion}")]
    UnknownInputField { field: String, ty: String, suggestion: String },
    #[error("OneOf Input Object \"{0}\" must specify exactly one key.")]
    NotOneKey(String),
    #[error("Field \"{ty}.{field}\" must be non-null.")]
    NullInOneOf { ty: String, field: String },
    #[error("{owner} argument \"{argument}\" of type \"{ty}\" is required, but it was not provided.")]
    MissingArgument { owner: String, argument: String, ty: String },
    #[error("Variable \"${variable}\" of type \"{found}\" used in position expecting type \"{wanted}\".")]
    VariablePosition { variable: String, found: String, wanted: String },
    #[error(
        "Variable \"${variable}\" is of type \"{found}\" but must be non-nullable to be used for OneOf Input Object \"{ty}\"."
    )]
    NullableInOneOf { variable: String, found: String, ty: String },
    #[error(
        "Fields \"{key}\" conflict because {reason}. Use different aliases on the fields to fetch both if this was intentional."
    )]
    FieldConflict { key: String, reason: String },
    #[error("There can be only one input field named \"{0}\".")]
    DuplicateInputField(String),
    #[error("Maximum introspection depth exceeded")]
    IntrospectionDepth,
    #[error("GraphQL introspection has been disabled, but the requested query contained the field \"{0}\".")]
    IntrospectionDisabled(String),
}

/// The name of a fragment with a space before it; nothing for an inline fragment.
#[derive(Debug, Clone, PartialEq)]
pub struct Spread(pub Option<String>);

impl std::fmt::Display for Spread {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.as_ref().map_or(Ok(()), |name| write!(f, " \"{name}\""))
    }
}

/// The fragments on the way of a cycle; of a long one the first.
fn via(by: &[String]) -> String {
    const MOST: usize = 20;
    let names: Vec<String> = by.iter().take(MOST).map(|name| format!("\"{name}\"")).collect();
    let more = if by.len() > MOST { ", ..." } else { "" };
    if names.is_empty() { String::new() } else { format!(" via {}{more}", names.join(", ")) }
}

fn of_operation(word: &str, name: Option<&str>) -> String {
    name.map_or_else(String::new, |name| format!("{word} operation \"{name}\""))
}
