//! The browser half, embedded: every file below `/pkg/`, compressed beforehand.
//!
//! Most file names change with the content, so browsers may keep those files
//! for ever. The table is empty when the server was built without its browser
//! half; pages work then, and stay still.

use axum::{body::Body, extract::Path, response::Response};
use bytes::Bytes;
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, StatusCode,
    header::{
        ACCEPT_ENCODING, ALLOW, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE,
        ETAG, IF_NONE_MATCH, VARY,
    },
};

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// For files that keep their name: ask, and mostly hear that nothing changed.
const ASK_FIRST: HeaderValue = HeaderValue::from_static("public, no-cache");

/// A file of the browser half.
#[derive(Debug)]
pub struct Asset {
    /// What pages ask for, such as `rideout.css`.
    pub name: &'static str,
    /// The name below `/pkg/`, such as `rideout-0123456789abcdef.css`.
    pub path: &'static str,
    /// The whole path on the server.
    pub url: &'static str,
    /// The media type.
    pub content_type: &'static str,
    /// Whether `path` changes with the content.
    pub hashed: bool,
    /// The content, in short.
    pub etag: &'static str,
    /// The content as it is.
    pub raw: &'static [u8],
    /// The content with brotli.
    pub br: &'static [u8],
    /// The content with gzip.
    pub gz: &'static [u8],
}

/// All files.
pub fn all() -> &'static [Asset] {
    TABLE
}

/// The file of this name below `/pkg/`.
pub fn find(path: &str) -> Option<&'static Asset> {
    TABLE.iter().find(|asset| asset.path == path)
}

/// Where browsers find the file that pages call `name`, such as `rideout.css`.
pub fn url(name: &str) -> Option<&'static str> {
    named(name).map(|asset| asset.url)
}

/// The name that script and module share, without their extensions: leptos
/// calls it the output name. Nothing when the browser half is not embedded.
pub fn bundle_name() -> Option<&'static str> {
    named("rideout.js")?.path.strip_suffix(".js")
}

/// The script that starts the islands.
pub fn script_url() -> Option<&'static str> {
    url("rideout.js")
}

/// The WebAssembly module of the islands.
pub fn module_url() -> Option<&'static str> {
    url("rideout.wasm")
}

/// The style sheet.
pub fn style_url() -> Option<&'static str> {
    url("rideout.css")
}

/// The icon of the browser tab.
pub fn icon_url() -> Option<&'static str> {
    url("favicon.svg")
}

/// Answers `/pkg/{*path}`.
pub async fn serve(Path(path): Path<String>, method: Method, headers: HeaderMap) -> Response {
    respond(find(&path), &method, &headers)
}

/// Answers a fixed path, such as `/robots.txt`, with the file of that name.
pub fn serve_named(name: &str, method: &Method, headers: &HeaderMap) -> Response {
    respond(named(name), method, headers)
}

fn named(name: &str) -> Option<&'static Asset> {
    TABLE.iter().find(|asset| asset.name == name)
}

fn respond(asset: Option<&'static Asset>, method: &Method, headers: &HeaderMap) -> Response {
    let Some(asset) = asset else {
        return bare(StatusCode::NOT_FOUND);
    };
    if method != Method::GET && method != Method::HEAD {
        let mut response = bare(StatusCode::METHOD_NOT_ALLOWED);
        set(&mut response, ALLOW, HeaderValue::from_static("GET, HEAD"));
        return response;
    }
    let coding = Coding::choose(headers, asset);
    let content = coding.content(asset);
    let etag = format!("\"{}{}\"", asset.etag, coding.suffix());

    let mut response = bare(StatusCode::OK);
    let caching = if asset.hashed { FOR_EVER } else { ASK_FIRST };
    set(&mut response, CACHE_CONTROL, caching);
    set(
        &mut response,
        VARY,
        HeaderValue::from_static("accept-encoding"),
    );
    if let Ok(value) = HeaderValue::from_str(&etag) {
        set(&mut response, ETAG, value);
    }
    if is_known(headers, &etag) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return response;
    }
    set(
        &mut response,
        CONTENT_TYPE,
        HeaderValue::from_static(asset.content_type),
    );
    set(
        &mut response,
        CONTENT_LENGTH,
        HeaderValue::from(content.len()),
    );
    if let Some(name) = coding.name() {
        set(
            &mut response,
            CONTENT_ENCODING,
            HeaderValue::from_static(name),
        );
    }
    if method == Method::GET {
        *response.body_mut() = Body::from(Bytes::from_static(content));
    }
    response
}

fn bare(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

fn set(response: &mut Response, name: HeaderName, value: HeaderValue) {
    response.headers_mut().insert(name, value);
}

/// Whether the browser says that it has this very content.
fn is_known(headers: &HeaderMap, etag: &str) -> bool {
    list(headers, &IF_NONE_MATCH)
        .map(|tag| tag.strip_prefix("W/").unwrap_or(tag))
        .any(|tag| tag == "*" || tag == etag)
}

/// The parts of a header that is a list, whichever way it was sent.
fn list<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a str> {
    headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .filter(|part| !part.is_empty())
}

/// How the content travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Coding {
    Brotli,
    Gzip,
    Identity,
}

impl Coding {
    /// The one the browser likes best, the smaller one when it does not care.
    /// Whoever refuses everything gets the plain content all the same.
    fn choose(headers: &HeaderMap, asset: &Asset) -> Self {
        let accepted = Accepted::read(headers);
        let mut codings = [Self::Brotli, Self::Gzip];
        codings.sort_by_key(|coding| coding.content(asset).len());
        let best = codings
            .into_iter()
            .map(|coding| (coding, accepted.weight(coding)))
            .filter(|(coding, weight)| *weight > 0 && coding.content(asset).len() < asset.raw.len())
            // The later of two equals wins in `max_by_key`.
            .rev()
            .max_by_key(|(_, weight)| *weight);
        match best {
            Some((coding, weight)) if weight >= accepted.identity => coding,
            _ => Self::Identity,
        }
    }

    fn name(self) -> Option<&'static str> {
        match self {
            Self::Brotli => Some("br"),
            Self::Gzip => Some("gzip"),
            Self::Identity => None,
        }
    }

    /// Every form of a content is a thing of its own for a cache.
    fn suffix(self) -> &'static str {
        match self {
            Self::Brotli => "-br",
            Self::Gzip => "-gz",
            Self::Identity => "",
        }
    }

    fn content(self, asset: &Asset) -> &'static [u8] {
        match self {
            Self::Brotli => asset.br,
            Self::Gzip => asset.gz,
            Self::Identity => asset.raw,
        }
    }
}

/// What `Accept-Encoding` says, in thousandths.
struct Accepted {
    brotli: u16,
    gzip: u16,
    /// Nought unless named: then any coding that is accepted is better.
    identity: u16,
}

impl Accepted {
    fn read(headers: &HeaderMap) -> Self {
        let mut named: [Option<u16>; 3] = [None; 3];
        let mut others = None;
        for part in list(headers, &ACCEPT_ENCODING) {
            let (name, parameters) = part.split_once(';').unwrap_or((part, ""));
            let weight = Some(weight(parameters));
            match name.trim().to_ascii_lowercase().as_str() {
                "br" => named[0] = weight,
                "gzip" | "x-gzip" => named[1] = weight,
                "identity" => named[2] = weight,
                "*" => others = weight,
                _ => {}
            }
        }
        let [brotli, gzip, identity] = named;
        Self {
            brotli: brotli.or(others).unwrap_or(0),
            gzip: gzip.or(others).unwrap_or(0),
            identity: identity.unwrap_or(0),
        }
    }

    fn weight(&self, coding: Coding) -> u16 {
        match coding {
            Coding::Brotli => self.brotli,
            Coding::Gzip => self.gzip,
            Coding::Identity => self.identity,
        }
    }
}

/// The `q` of `;q=0.8`, in thousandths. One that cannot be read refuses.
fn weight(parameters: &str) -> u16 {
    let value = parameters.split(';').find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("q").then(|| value.trim())
    });
    let Some(value) = value else {
        return 1000;
    };
    match value.split_once('.').unwrap_or((value, "")) {
        ("1", _) => 1000,
        ("0", digits) if digits.len() <= 3 && digits.bytes().all(|b| b.is_ascii_digit()) => {
            format!("{digits:0<3}").parse().unwrap_or(0)
        }
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static STYLE: Asset = Asset {
        name: "rideout.css",
        path: "rideout-0123456789abcdef.css",
        url: "/pkg/rideout-0123456789abcdef.css",
        content_type: "text/css; charset=utf-8",
        hashed: true,
        etag: "0123456789abcdef",
        raw: b"raw raw raw",
        br: b"br",
        gz: b"gzip",
    };
    static PICTURE: Asset = Asset {
        name: "favicon.svg",
        path: "favicon.svg",
        url: "/pkg/favicon.svg",
        content_type: "image/svg+xml",
        hashed: false,
        etag: "fedcba9876543210",
        raw: b"raw",
        br: b"no gain",
        gz: b"no gain either",
    };

    fn accepting(value: &'static str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(value));
        headers
    }

    fn header(response: &Response, name: HeaderName) -> Option<&str> {
        response.headers().get(name)?.to_str().ok()
    }

    #[test]
    fn the_browser_chooses_the_coding() {
        use Coding::{Brotli, Gzip, Identity};
        for (value, expected) in [
            ("gzip, deflate, br, zstd", Brotli),
            ("gzip", Gzip),
            ("br;q=0, gzip", Gzip),
            ("br;q=0.000, *;q=0.5", Gzip),
            ("br;q=0.5, gzip;q=0.8", Gzip),
            ("BR ; Q=0.9 , gzip;q=0.8", Brotli),
            ("*", Brotli),
            ("*;q=0", Identity),
            ("identity, br;q=0.5", Identity),
            ("identity;q=0.5, br;q=0.5", Brotli),
            ("br;q=nonsense", Identity),
            ("br;q=1.000", Brotli),
            ("zstd", Identity),
            ("", Identity),
        ] {
            assert_eq!(
                Coding::choose(&accepting(value), &STYLE),
                expected,
                "{value}"
            );
        }
        assert_eq!(Coding::choose(&HeaderMap::new(), &STYLE), Identity);
    }

    #[test]
    fn several_headers_are_one_list() {
        let mut headers = accepting("deflate");
        headers.append(ACCEPT_ENCODING, HeaderValue::from_static("br"));
        assert_eq!(Coding::choose(&headers, &STYLE), Coding::Brotli);
    }

    #[test]
    fn a_coding_that_gains_nothing_is_not_used() {
        assert_eq!(
            Coding::choose(&accepting("br, gzip"), &PICTURE),
            Coding::Identity
        );
    }

    #[test]
    fn hashed_files_are_kept_for_ever() {
        let response = respond(Some(&STYLE), &Method::GET, &accepting("br"));
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(
            header(&response, CACHE_CONTROL),
            Some("public, max-age=31536000, immutable")
        );
        assert_eq!(header(&response, CONTENT_ENCODING), Some("br"));
        assert_eq!(header(&response, CONTENT_LENGTH), Some("2"));
        assert_eq!(header(&response, VARY), Some("accept-encoding"));
        assert_eq!(header(&response, ETAG), Some("\"0123456789abcdef-br\""));
        assert_eq!(
            header(&response, CONTENT_TYPE),
            Some("text/css; charset=utf-8")
        );
    }

    #[test]
    fn files_that_keep_their_name_are_asked_for() {
        let response = respond(Some(&PICTURE), &Method::GET, &accepting("br"));
        assert_eq!(header(&response, CACHE_CONTROL), Some("public, no-cache"));
        assert_eq!(header(&response, CONTENT_ENCODING), None);
    }

    #[test]
    fn what_the_browser_has_is_not_sent_again() {
        for (tags, status) in [
            ("\"0123456789abcdef-br\"", StatusCode::NOT_MODIFIED),
            ("\"x\", W/\"0123456789abcdef-br\"", StatusCode::NOT_MODIFIED),
            ("*", StatusCode::NOT_MODIFIED),
            ("\"0123456789abcdef\"", StatusCode::OK),
        ] {
            let mut headers = accepting("br");
            headers.insert(IF_NONE_MATCH, HeaderValue::from_static(tags));
            let response = respond(Some(&STYLE), &Method::GET, &headers);
            assert_eq!(response.status(), status, "{tags}");
            assert!(response.headers().contains_key(ETAG));
        }
    }

    #[test]
    fn head_tells_the_length_only() {
        use axum::body::HttpBody;
        let response = respond(Some(&STYLE), &Method::HEAD, &HeaderMap::new());
        assert_eq!(header(&response, CONTENT_LENGTH), Some("11"));
        assert_eq!(response.body().size_hint().exact(), Some(0));
    }

    #[test]
    fn nothing_else_is_answered() {
        let missing = respond(None, &Method::GET, &HeaderMap::new());
        assert_eq!(missing.status(), StatusCode::NOT_FOUND);
        let post = respond(Some(&STYLE), &Method::POST, &HeaderMap::new());
        assert_eq!(post.status(), StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(header(&post, ALLOW), Some("GET, HEAD"));
    }

    #[test]
    fn every_embedded_file_is_found_by_its_names() {
        for asset in all() {
            assert!(find(asset.path).is_some_and(|found| found.name == asset.name));
            assert_eq!(url(asset.name), Some(asset.url));
        }
    }
}
