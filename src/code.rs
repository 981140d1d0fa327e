//! Turns what has gone wrong into the word that clients tell errors apart by: `extensions.code`.

macro_rules! codes {
    ($($(#[$meaning:meta])* $code:ident = $word:literal,)*) => {
        /// The codes of errors.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Code {
            $($(#[$meaning])* $code,)*
        }

        impl Code {
            /// All of them, each at the place of its number.
            pub const ALL: &[Self] = &[$(Self::$code,)*];

            /// The word.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$code => $word,)*
                }
            }
        }
    };
}

codes! {
    /// The text is no GraphQL.
    ParseFailed = "GRAPHQL_PARSE_FAILED",
    /// No token, or a bad one.
    Unauthenticated = "UNAUTHENTICATED",
    /// The document breaks a rule of GraphQL or of the schema.
    ValidationFailed = "GRAPHQL_VALIDATION_FAILED",
    /// No operation of the document is chosen.
    OperationUnresolved = "OPERATION_RESOLUTION_FAILURE",
    /// A value that does not fit.
    BadUserInput = "BAD_USER_INPUT",
    /// What the caller may not do.
    Forbidden = "FORBIDDEN",
    /// A row that is not there for the caller.
    NotFound = "NOT_FOUND",
    /// Something else has come first.
    Conflict = "CONFLICT",
    /// A mutation where nothing can be written.
    ReadOnly = "MUTATION_READ_ONLY",
    /// A limit is exceeded.
    LimitExceeded = "LIMIT_EXCEEDED",
    /// A subscription that was sent to the wrong function.
    Subscription = "SUBSCRIPTION_OPERATION",
    /// Another operation that was sent to a function for subscriptions.
    NotSubscription = "NOT_A_SUBSCRIPTION",
    /// A fault of ours or of the database.
    Internal = "INTERNAL_SERVER_ERROR",
}
