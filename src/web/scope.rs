//! What is known of one request before any handler sees it.

use super::{PageError, Web, session};
use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{HeaderMap, Method, header, request::Parts},
};
use base64::Engine as _;
use rideout_domain::Actor;
use rideout_service::Error;
use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};
use tokio::sync::OnceCell;
use uuid::Uuid;

/// One request.
#[derive(Debug)]
pub struct Scope {
    /// Its identifier, in the log, in the answer's `X-Request-Id` and in problem reports.
    pub id: Uuid,
    /// Allows this page's scripts, and no others, to run.
    pub nonce: String,
    /// The method.
    pub method: Method,
    /// Path and query as asked for.
    pub target: String,
    /// Where it comes from, believing only proxies that are trusted.
    pub address: String,
    /// Whether the asker is a program that wants JSON.
    pub wants_json: bool,
    /// The longest it may take.
    pub time_limit: Duration,
    /// What the browser sent that a page needs.
    pub headers: HeaderMap,
    /// The address people type, without a slash at its end.
    base_url: Arc<str>,
    actor: OnceCell<Option<Actor>>,
}

impl Scope {
    /// Reads a request's head.
    #[must_use]
    pub fn new(web: &Web, parts: &Parts) -> Self {
        let mut random = [0; 16];
        // Without randomness the page would have no scripts, which is the safe side.
        let nonce = match web.service.ids.fill(&mut random) {
            Ok(()) => base64::engine::general_purpose::STANDARD_NO_PAD.encode(random),
            Err(_) => String::new(),
        };
        let path = parts.uri.path();
        Self {
            id: web.service.new_id(),
            nonce,
            method: parts.method.clone(),
            target: parts
                .uri
                .path_and_query()
                .map_or("/", |p| p.as_str())
                .to_owned(),
            address: address(web, parts),
            wants_json: path.starts_with("/api/") || accepts_only_json(&parts.headers),
            time_limit: web.config.request_timeout,
            headers: kept(&parts.headers),
            base_url: Arc::clone(&web.base_url),
            actor: OnceCell::new(),
        }
    }

    /// Who asks, found out once for each request.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn actor(&self, web: &Web) -> Result<Option<&Actor>, Error> {
        self.actor
            .get_or_try_init(|| session::authenticate(web, self))
            .await
            .map(Option::as_ref)
    }

    /// Who asks, if that was found out already.
    #[must_use]
    pub fn known_actor(&self) -> Option<&Actor> {
        self.actor.get().and_then(Option::as_ref)
    }

    /// Path and query of the page that led here, when it is one of ours: below
    /// the address people type, or whatever address they reached us by.
    #[must_use]
    pub fn came_from(&self) -> Option<&str> {
        let referer = self.header(header::REFERER);
        let path = referer.strip_prefix(&*self.base_url).or_else(|| {
            let rest = referer
                .strip_prefix("https://")
                .or_else(|| referer.strip_prefix("http://"))?;
            rest.strip_prefix(self.header(header::HOST))
        });
        let path = path.filter(|path| path.starts_with('/'))?;
        Some(path.split('#').next().unwrap_or(path))
    }

    /// The text of a header, when it is text.
    #[must_use]
    pub fn header(&self, name: header::HeaderName) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    /// The value of a cookie.
    #[must_use]
    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find_map(|(key, value)| (key == name).then_some(value))
    }
}

/// The few headers that are needed after a handler has consumed the request.
fn kept(headers: &HeaderMap) -> HeaderMap {
    let mut out = HeaderMap::new();
    for name in [
        header::COOKIE,
        header::AUTHORIZATION,
        header::USER_AGENT,
        header::HOST,
        header::REFERER,
    ] {
        for value in headers.get_all(&name) {
            out.append(name.clone(), value.clone());
        }
    }
    out
}

fn accepts_only_json(headers: &HeaderMap) -> bool {
    let accept = headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    accept.contains("json") && !accept.contains("text/html")
}

fn address(web: &Web, parts: &Parts) -> String {
    let Some(ConnectInfo(peer)) = parts.extensions.get::<ConnectInfo<SocketAddr>>() else {
        return String::new();
    };
    let peer = peer.ip().to_canonical();
    let trusted = |ip: IpAddr| {
        web.config
            .trusted_proxies
            .iter()
            .any(|net| net.contains(ip))
    };
    if !trusted(peer) {
        return peer.to_string();
    }
    // Each proxy appends who called it; from the end, the first that is no
    // proxy of ours is the last one we know for sure.
    let mut nearest = peer;
    let lines = parts.headers.get_all("x-forwarded-for").iter().rev();
    let hops = lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.rsplit(','));
    for hop in hops {
        let Ok(ip) = hop.trim().parse::<IpAddr>() else {
            break;
        };
        nearest = ip.to_canonical();
        if !trusted(nearest) {
            break;
        }
    }
    nearest.to_string()
}

/// The scope of the request, for handlers.
impl FromRequestParts<Web> for Arc<Scope> {
    type Rejection = PageError;
    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, PageError> {
        Ok(of(parts, web))
    }
}

/// The scope that the frame has put there; a new one where there is no frame, as in tests of handlers.
pub(super) fn of(parts: &mut Parts, web: &Web) -> Arc<Scope> {
    if let Some(scope) = parts.extensions.get::<Arc<Scope>>() {
        return Arc::clone(scope);
    }
    let scope = Arc::new(Scope::new(web, parts));
    parts.extensions.insert(Arc::clone(&scope));
    scope
}
