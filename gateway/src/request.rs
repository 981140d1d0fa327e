//! Turns the body or the query string of an HTTP request into a GraphQL request, and that into a call of the extension.

use axum::extract::Query;
use axum::http::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode, Uri};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::accept::is_utf8;
use crate::database::{Access, Database};
use crate::database_error::DatabaseError;
use crate::refusal::Refusal;
use crate::value::{Jsonb, Parameter, Token};

const EXECUTE: &str = "SELECT graphql.execute($1, $2, $3, $4, $5)";
/// Outside of a READ ONLY transaction nothing is called, so that no accident with the transaction lets a GET write.
const EXECUTE_READ_ONLY: &str =
    "SELECT CASE WHEN pg_catalog.current_setting('transaction_read_only')::boolean
    THEN graphql.execute($1, $2, $3, $4, $5) END";

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

/// The parameters of a GET.
#[derive(Deserialize)]
struct Parameters {
    query: Option<String>,
    #[serde(rename = "operationName")]
    operation_name: Option<String>,
    variables: Option<String>,
    extensions: Option<String>,
}

impl Request {
    /// The request that a POST's body is.
    pub(crate) fn of_body(body: &[u8]) -> Result<Self, Refusal> {
        if body.trim_ascii_start().starts_with(b"[") {
            return Err(no_request("Batches of requests are not taken: please send one request at a time."));
        }
        let request: Self = serde_json::from_slice(body)
            .map_err(|error| no_request(&format!("The body is no GraphQL request in JSON: {error}.")))?;
        request.checked()
    }

    /// The request that a GET's query string is.
    pub(crate) fn of_query_string(uri: &Uri) -> Result<Self, Refusal> {
        let Query(given) = Query::<Parameters>::try_from_uri(uri).map_err(|error| {
            no_request(&format!("The query string is no GraphQL request: {}.", error.body_text()))
        })?;
        let request = Self {
            query: given.query.ok_or_else(|| no_request("The parameter 'query' is missing."))?,
            operation_name: given.operation_name.filter(|name| !name.is_empty()),
            variables: raw(given.variables.as_deref(), "variables")?,
            extensions: raw(given.extensions.as_deref(), "extensions")?,
        };
        request.checked()
    }

    fn checked(self) -> Result<Self, Refusal> {
        for (name, value) in [("variables", &self.variables), ("extensions", &self.extensions)] {
            if value.as_ref().is_some_and(|value| !value.get().starts_with('{')) {
                return Err(no_request(&format!("'{name}' must be a JSON object.")));
            }
        }
        Ok(self)
    }

    /// The answer to a query or mutation, as the extension wrote it.
    pub(crate) async fn execute(
        &self,
        database: &Database,
        token: Option<&str>,
    ) -> Result<Bytes, DatabaseError> {
        // A mutation is written with this word. What may be one goes on to its end if the client goes away.
        let access = if self.query.contains("mutation") { Access::Writing } else { Access::Reading };
        self.run(database, token, EXECUTE, access).await
    }

    /// The answer to a query in a READ ONLY transaction, where the extension refuses mutations.
    pub(crate) async fn execute_read_only(
        &self,
        database: &Database,
        token: Option<&str>,
    ) -> Result<Bytes, DatabaseError> {
        self.run(database, token, EXECUTE_READ_ONLY, Access::ReadOnly).await
    }

    async fn run(
        &self,
        database: &Database,
        token: Option<&str>,
        statement: &'static str,
        access: Access,
    ) -> Result<Bytes, DatabaseError> {
        let (variables, extensions) =
            (self.variables.as_deref().map(Jsonb), self.extensions.as_deref().map(Jsonb));
        let token = token.map(Token);
        let parameters: [Parameter<'_>; 5] =
            [&self.query, &variables, &token, &self.operation_name, &extensions];
        database.run(statement, &parameters, access).await
    }
}

/// A parameter's JSON; an empty one is as good as none.
fn raw(text: Option<&str>, name: &str) -> Result<Option<Box<RawValue>>, Refusal> {
    match text {
        None | Some("") => Ok(None),
        Some(text) => serde_json::from_str(text)
            .map_err(|error| no_request(&format!("The parameter '{name}' is no JSON: {error}."))),
    }
}

fn no_request(message: &str) -> Refusal {
    Refusal::new(StatusCode::BAD_REQUEST, "BAD_REQUEST", message)
}

/// The token of `Authorization: Bearer …`. Another scheme's credentials are for somebody else.
pub(crate) fn token(headers: &HeaderMap) -> Result<Option<&str>, Refusal> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let (value, more) = (values.next(), values.next());
    if more.is_some() {
        return Err(no_request("There is more than one header 'Authorization'."));
    }
    // What is no ASCII is no token: the empty one is refused as any other that is wrong.
    Ok(value.and_then(|value| bearer(value.to_str().unwrap_or("Bearer"))))
}

/// What stands behind the scheme `Bearer`, which is not case-sensitive.
pub(crate) fn bearer(credentials: &str) -> Option<&str> {
    let (scheme, token) = credentials.trim().split_once(' ').unwrap_or((credentials.trim(), ""));
    scheme.eq_ignore_ascii_case("Bearer").then(|| token.trim())
}

/// Only JSON is taken. A page of another origin cannot send that without asking first (CORS), so no browser can be
/// made to send it with somebody's credentials.
pub(crate) fn check_media_type(headers: &HeaderMap) -> Result<(), Refusal> {
    let given = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut parts = given.split(';').map(str::trim);
    let is_json = parts.next().is_some_and(|name| name.eq_ignore_ascii_case("application/json"));
    let is_utf8 = parts
        .filter_map(|parameter| parameter.split_once('='))
        .all(|(name, value)| !name.eq_ignore_ascii_case("charset") || is_utf8(value));
    let is_plain = headers.get(CONTENT_ENCODING).is_none_or(|encoding| encoding == "identity");
    if is_json && is_utf8 && is_plain {
        return Ok(());
    }
    Err(Refusal::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "UNSUPPORTED_MEDIA_TYPE",
        "Please send the request as 'Content-Type: application/json', in UTF-8 and not compressed.",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_of_another_scheme_are_none() {
        for (credentials, token) in [
            ("Bearer a.b.c", Some("a.b.c")),
            ("bearer  a.b.c ", Some("a.b.c")),
            ("Bearer", Some("")),
            ("Bearer ", Some("")),
            ("Bearera.b.c", None),
            ("Basic a.b.c", None),
            ("a.b.c", None),
            ("", None),
        ] {
            assert_eq!(bearer(credentials), token, "{credentials}");
        }
    }

    #[test]
    fn variables_stay_as_they_are_written() {
        let written = r#"{"b":1.50e0,  "a":["\u00e9",1e400]}"#;
        let body =
            format!(r#" {{"variables": {written} , "query": "{{ a }}", "other": [1], "extensions": null}}"#);
        let request = Request::of_body(body.as_bytes());
        assert!(request.is_ok_and(|request| {
            request.variables.is_some_and(|raw| raw.get() == written) && request.extensions.is_none()
        }));
    }

    #[test]
    fn a_query_string_may_leave_all_but_the_query_out() {
        for (parameters, is_good) in [
            ("query=%7Ba%7D", true),
            ("query=%7Ba%7D&variables=&operationName=&extensions=", true),
            ("query=%7Ba%7D&variables=null&other=1&other=2", true),
            ("query=", true),
            ("", false),
            ("variables=%7B%7D", false),
            ("query=a&query=b", false),
            ("query=a&variables=1", false),
            ("query=a&extensions=%5B%5D", false),
            ("query=a&variables=%7B", false),
        ] {
            let uri = format!("/graphql?{parameters}").parse::<Uri>();
            assert_eq!(uri.is_ok_and(|uri| Request::of_query_string(&uri).is_ok()), is_good, "{parameters}");
        }
    }
}
