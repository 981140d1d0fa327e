//! Turns the JSON of a GraphQL request into a call of the extension.

use bytes::Bytes;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::database::{Database, DatabaseError, Jsonb};

/// A GraphQL request; its variables and extensions stay the text that the client wrote.
#[derive(Debug, Deserialize)]
pub(crate) struct Request {
    pub(crate) query: String,
    #[serde(default, rename = "operationName")]
    pub(crate) operation_name: Option<String>,
    #[serde(default)]
    pub(crate) variables: Option<Box<RawValue>>,
    #[serde(default)]
    pub(crate) extensions: Option<Box<RawValue>>,
}

impl Request {
    /// The answer to a query or mutation, as the extension wrote it.
    pub(crate) async fn execute(
        &self,
        database: &Database,
        token: Option<&str>,
    ) -> Result<Bytes, DatabaseError> {
        let (variables, extensions) =
            (self.variables.as_deref().map(Jsonb), self.extensions.as_deref().map(Jsonb));
        let parameters: [crate::database::Parameter<'_>; 5] =
            [&self.query, &variables, &token, &self.operation_name, &extensions];
        database.json("SELECT graphql.execute($1, $2, $3, $4, $5)", &parameters).await
    }
}
