//! Turns an `Accept` header into the media type of the answer ([RFC 9110, 12.5.1](https://www.rfc-editor.org/rfc/rfc9110#section-12.5.1)).

use axum::http::header::ACCEPT;
use axum::http::{HeaderMap, HeaderValue};

/// What a GraphQL answer is written as ([GraphQL over HTTP](https://graphql.github.io/graphql-over-http/draft/#sec-Media-Types)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Media {
    /// `application/json`, whose status says only whether there was a GraphQL request.
    Json,
    /// `application/graphql-response+json`, whose status says how the request went.
    Response,
}

impl Media {
    /// The value of `Content-Type`.
    pub(crate) const fn content_type(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Json => "application/json; charset=utf-8",
            Self::Response => "application/graphql-response+json; charset=utf-8",
        })
    }
}

/// How much a media type is wanted: by its weight, and between equal weights by how exactly it was named.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
struct Wish {
    weight: f32,
    exactness: u8,
}

/// The better of the two media types, or none of them.
pub(crate) fn media(headers: &HeaderMap) -> Option<Media> {
    if !headers.contains_key(ACCEPT) {
        return Some(Media::Json);
    }
    let json = wish(headers, "application", "json");
    let response = wish(headers, "application", "graphql-response+json");
    match (json, response) {
        (None, None) => None,
        // Both by the same `*/*` or `application/*`: who does not know the newer type should get the older one.
        (Some(json), Some(response)) if response > json || (response == json && response.exactness == 2) => {
            Some(Media::Response)
        }
        (None, Some(_)) => Some(Media::Response),
        (Some(_), _) => Some(Media::Json),
    }
}

/// Whether this is a browser that wants a page: `text/html` is named, and no answer in JSON is wanted more.
pub(crate) fn is_page(headers: &HeaderMap) -> bool {
    let wanted_less =
        |html: Wish, subtype| wish(headers, "application", subtype).is_none_or(|json| html >= json);
    wish(headers, "text", "html").is_some_and(|html| {
        html.exactness > 0 && wanted_less(html, "json") && wanted_less(html, "graphql-response+json")
    })
}

/// Whether server-sent events are wanted, or whatever there is.
pub(crate) fn is_stream(headers: &HeaderMap) -> bool {
    !headers.contains_key(ACCEPT) || wish(headers, "text", "event-stream").is_some()
}

/// How much a media type is wanted, by the range that names it most exactly. None: not at all.
fn wish(headers: &HeaderMap, kind: &str, subtype: &str) -> Option<Wish> {
    let mut best: Option<Wish> = None;
    let lines = headers.get_all(ACCEPT).iter().filter_map(|line| line.to_str().ok());
    for range in lines.flat_map(|line| line.split(',')) {
        let mut parts = range.split(';').map(str::trim);
        let Some((one, two)) = parts.next().and_then(|name| name.split_once('/')) else { continue };
        let exactness = match (one, two) {
            ("*", "*") => 0,
            (one, "*") if one.eq_ignore_ascii_case(kind) => 1,
            (one, two) if one.eq_ignore_ascii_case(kind) && two.eq_ignore_ascii_case(subtype) => 2,
            _ => continue,
        };
        let Some(weight) = weight(parts) else { continue };
        if best.is_none_or(|best| (exactness, weight) > (best.exactness, best.weight)) {
            best = Some(Wish { weight, exactness });
        }
    }
    best.filter(|wish| wish.weight > 0.0)
}

/// The weight among the parameters of a range. None: a range of another charset than the one that answers have.
fn weight<'a>(parameters: impl Iterator<Item = &'a str>) -> Option<f32> {
    let mut weight = 1.0;
    for (name, value) in parameters.filter_map(|parameter| parameter.split_once('=')) {
        if name.trim_end().eq_ignore_ascii_case("q") {
            weight =
                value.trim().parse().map_or(0.0, |q: f32| if q.is_nan() { 0.0 } else { q.clamp(0.0, 1.0) });
        } else if name.trim_end().eq_ignore_ascii_case("charset") && !is_utf8(value) {
            return None;
        }
    }
    Some(weight)
}

/// Whether a charset is UTF-8, quoted or not.
pub(crate) fn is_utf8(charset: &str) -> bool {
    charset.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(accept: &'static str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        if !accept.is_empty() {
            headers.insert(ACCEPT, HeaderValue::from_static(accept));
        }
        headers
    }

    #[test]
    fn the_best_media_type_is_chosen() {
        for (accept, expected) in [
            ("", Some(Media::Json)),
            ("*/*", Some(Media::Json)),
            ("application/*", Some(Media::Json)),
            ("application/json", Some(Media::Json)),
            ("APPLICATION/JSON", Some(Media::Json)),
            ("application/json;charset=utf-8", Some(Media::Json)),
            ("application/json; charset=\"UTF-8\"", Some(Media::Json)),
            ("application/json; charset=latin1", None),
            ("application/graphql-response+json", Some(Media::Response)),
            ("application/graphql-response+json, application/json", Some(Media::Response)),
            ("application/json, application/graphql-response+json", Some(Media::Response)),
            ("application/graphql-response+json;q=0.8, application/json;q=0.9", Some(Media::Json)),
            ("application/graphql-response+json; q=0.9 , application/json; q=0.8", Some(Media::Response)),
            ("application/json, */*", Some(Media::Json)),
            ("application/graphql-response+json, */*;q=0.9", Some(Media::Response)),
            ("application/graphql-response+json, */*", Some(Media::Response)),
            ("application/json;q=0, */*", Some(Media::Response)),
            ("application/json;q=0, application/graphql-response+json;q=0, */*", None),
            ("*/*;q=0", None),
            ("application/json;q=x", None),
            ("application/json;q=NaN", None),
            ("text/html", None),
            ("text/event-stream, application/json", Some(Media::Json)),
            ("nonsense", None),
            (",;,/;q", None),
        ] {
            assert_eq!(media(&headers(accept)), expected, "{accept}");
        }
    }

    #[test]
    fn several_lines_are_one_list() {
        let mut headers = headers("text/html");
        headers.append(ACCEPT, HeaderValue::from_static("application/graphql-response+json"));
        assert_eq!(media(&headers), Some(Media::Response));
    }

    #[test]
    fn a_page_is_for_browsers() {
        for (accept, expected) in [
            ("text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8", true),
            ("text/html", true),
            ("text/html, application/json", true),
            ("text/html;q=0.5, application/json", false),
            ("*/*", false),
            ("", false),
            ("application/json", false),
            ("text/html;q=0, */*", false),
        ] {
            assert_eq!(is_page(&headers(accept)), expected, "{accept}");
        }
    }
}
