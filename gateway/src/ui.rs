//! Turns the files that `build.rs` found in `ui/dist` into responses: GraphiQL, which needs no other server.

use axum::extract::Path;
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG,
    REFERRER_POLICY, VARY,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::etag;

/// A file as it is, and by gzip where that is worth it.
struct File {
    name: &'static str,
    body: &'static [u8],
    packed: Option<&'static [u8]>,
}

const FILES: &[File] = include!(concat!(env!("OUT_DIR"), "/files.rs"));

/// Scripts, workers and requests of this server alone, and no page around it. GraphiQL's editor makes style elements and
/// attributes while it runs, which only 'unsafe-inline' admits; fonts and images may be in its style sheet.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; worker-src 'self'; connect-src 'self'; style-src 'self' 'unsafe-inline'; \
     font-src 'self' data:; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

/// The page of GraphiQL.
pub(crate) fn page(headers: &HeaderMap) -> Response {
    let mut response =
        FILES.iter().find(|file| file.name == "index.html").map_or_else(missing, |file| send(file, headers));
    // The same address answers queries.
    response.headers_mut().insert(VARY, HeaderValue::from_static("Authorization, Accept, Accept-Encoding"));
    response
}

/// A file that the page asks for.
pub(crate) async fn file(Path(name): Path<String>, headers: HeaderMap) -> Response {
    FILES.iter().find(|file| file.name == name).map_or_else(
        || (StatusCode::NOT_FOUND, "There is no such file.\n").into_response(),
        |file| send(file, &headers),
    )
}

fn send(file: &File, asked: &HeaderMap) -> Response {
    let tag = etag::of(file.body);
    let is_packed = accepts_gzip(asked);
    let mut response = match file.packed {
        _ if etag::is_known(asked, &tag) => StatusCode::NOT_MODIFIED.into_response(),
        Some(packed) if is_packed => ([(CONTENT_ENCODING, "gzip")], packed).into_response(),
        _ => file.body.into_response(),
    };
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type(file.name)));
    headers.insert(CONTENT_SECURITY_POLICY, POLICY);
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(VARY, HeaderValue::from_static("Accept-Encoding"));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(ETAG, tag);
    }
    response
}

fn accepts_gzip(headers: &HeaderMap) -> bool {
    let values = headers.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|line| line.split(',')).any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        name.trim().eq_ignore_ascii_case("gzip") && weight.trim().trim_end_matches(['0', '.']) != "q="
    })
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json" | "map") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ttf") => "font/ttf",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    }
}

fn missing() -> Response {
    (
        StatusCode::NOT_FOUND,
        "This gateway was built without GraphiQL: scripts/build-gateway builds one that has it.\n",
    )
        .into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_for_those_who_want_it() {
        for (accepts, expected) in [
            ("gzip, deflate, br", true),
            ("GZIP;q=0.5", true),
            ("gzip;q=0", false),
            ("gzip; q=0.0", false),
            ("br", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(accepts));
            assert_eq!(accepts_gzip(&headers), expected, "{accepts}");
        }
    }

    #[test]
    fn every_embedded_file_has_a_media_type() {
        for file in FILES {
            assert_ne!(media_type(file.name), "application/octet-stream", "{}", file.name);
        }
    }
}
