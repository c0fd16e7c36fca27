//! The one client for web addresses that somebody typed.
//!
//! A name is resolved once, its addresses are judged by the guard, and the
//! connection goes to exactly an address that was judged: no name can change its
//! mind in between. Nothing is followed, nothing kept open, nothing read beyond a
//! limit, and no proxy of the environment is used.

use crate::{
    authorities::Authorities,
    guard::{Denied, Guard, Target},
};
use bytes::Bytes;
use http::{
    HeaderMap, HeaderValue, Method, Request, Response, StatusCode,
    header::{
        ACCEPT, CONNECTION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, DATE, HOST,
        RETRY_AFTER, USER_AGENT,
    },
};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use std::{
    fmt, io,
    net::{IpAddr, SocketAddr},
    pin::Pin,
    sync::Arc,
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    task::JoinSet,
    time::timeout,
};
use tokio_rustls::TlsConnector;
use url::{Host, Position};

/// Most bytes of an answer to a message that are read.
const ANSWER_MAX: usize = 4_096;
/// Most addresses of one name that are tried.
const ADDRESSES_MAX: usize = 4;
/// Most bytes of the head of an answer.
const HEAD_MAX: usize = 16 * 1024;

const AGENT: &str = concat!("Rideout/", env!("CARGO_PKG_VERSION"));

/// Finds the addresses of a name.
pub trait Resolve: fmt::Debug + Send + Sync {
    /// The addresses of a host, in the order to try them.
    fn resolve<'a>(
        &'a self,
        host: &'a str,
    ) -> Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send + 'a>>;
}

/// Asks the machine, as every other program does.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemResolver;

impl Resolve for SystemResolver {
    fn resolve<'a>(
        &'a self,
        host: &'a str,
    ) -> Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send + 'a>> {
        Box::pin(async move {
            let found = tokio::net::lookup_host((host, 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

/// How long things may take.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Connecting to one address.
    pub connect: Duration,
    /// Reading the answer to a message once its head has come. What has not
    /// arrived by then is not missed: the head has told how it went.
    pub answer: Duration,
    /// Sending a message, from the name to the end of the answer.
    pub send: Duration,
    /// Fetching a file, from the name to its last byte.
    pub fetch: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            answer: Duration::from_secs(2),
            send: Duration::from_secs(15),
            fetch: Duration::from_secs(30),
        }
    }
}

/// Why there is no answer. Each is a sentence for whoever typed the web address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The guard does not let it pass.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The name has no address.
    #[error("the host of the web address is not known")]
    Unresolved,
    /// Nobody takes the connection.
    #[error("the host does not take connections")]
    Unreachable,
    /// It took too long.
    #[error("the host did not answer in time")]
    TimedOut,
    /// There is no safe connection.
    #[error("no safe connection can be made: the host's certificate or its TLS is not in order")]
    Tls,
    /// The connection broke, or it does not speak HTTP.
    #[error("the host broke off the connection, or does not speak HTTP")]
    Broken,
    /// It answered with another web address, which is not followed.
    #[error("the host answers with a redirect; enter the web address it leads to")]
    Redirect,
    /// It answered, and not with what was asked for.
    #[error("the host answered with status {0}")]
    Status(u16),
    /// What it answers is larger than the limit.
    #[error("the file is larger than {max} bytes")]
    TooLarge {
        /// The limit in bytes.
        max: usize,
    },
}

/// The answer to a message, as far as it was read.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The status of HTTP.
    pub status: u16,
    /// Seconds the host asked to be left alone for.
    pub retry_after: Option<i64>,
    /// The beginning of the body, at most 4096 bytes.
    pub body: Vec<u8>,
}

/// A file.
#[derive(Debug, Clone)]
pub struct Fetched {
    /// The whole file.
    pub body: Bytes,
    /// What the host says that it is.
    pub content_type: Option<String>,
}

/// The one client. Cheap to clone.
#[derive(Clone)]
pub struct Client {
    guard: Arc<Guard>,
    resolver: Arc<dyn Resolve>,
    tls: TlsConnector,
    limits: Limits,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("guard", &self.guard)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

impl Client {
    /// A client that asks the machine for addresses and trusts the roots of Mozilla
    /// and, beside them, the operator's `authorities`.
    ///
    /// # Errors
    /// If a certificate cannot be trusted as an authority.
    pub fn new(guard: Guard, authorities: &Authorities) -> Result<Self, rustls::Error> {
        Self::with(
            guard,
            authorities,
            Arc::new(SystemResolver),
            Limits::default(),
        )
    }

    /// A client with its own resolver and limits.
    ///
    /// # Errors
    /// If a certificate cannot be trusted as an authority.
    pub fn with(
        guard: Guard,
        authorities: &Authorities,
        resolver: Arc<dyn Resolve>,
        limits: Limits,
    ) -> Result<Self, rustls::Error> {
        Ok(Self {
            guard: Arc::new(guard),
            resolver,
            tls: authorities.connector(&[b"http/1.1"])?,
            limits,
        })
    }

    /// The guard, to judge a web address when it is typed.
    #[must_use]
    pub fn guard(&self) -> &Guard {
        &self.guard
    }

    /// Sends a body and returns the answer, whatever its status.
    ///
    /// # Errors
    /// [`Failure`], if there is none.
    pub async fn post(
        &self,
        url: &str,
        headers: HeaderMap,
        body: impl Into<Bytes>,
    ) -> Result<Reply, Failure> {
        let target = Guard::read(url)?;
        let body = body.into();
        let work = async {
            let (answer, driver) = self.ask(&target, Method::POST, headers, body).await?;
            let status = answer.status().as_u16();
            let retry_after = retry_after(answer.headers());
            let mut body = Vec::new();
            // An answer that breaks off or stalls is an answer all the same.
            let read = read_up_to(answer.into_body(), ANSWER_MAX, &mut body);
            let _ = timeout(self.limits.answer, read).await;
            drop(driver);
            Ok(Reply {
                status,
                retry_after,
                body,
            })
        };
        timeout(self.limits.send, work)
            .await
            .unwrap_or(Err(Failure::TimedOut))
    }

    /// Fetches a file of at most `max_bytes`.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn fetch(&self, url: &str, max_bytes: usize) -> Result<Fetched, Failure> {
        let target = Guard::read(url)?;
        timeout(self.limits.fetch, self.fetch_from(&target, max_bytes))
            .await
            .unwrap_or(Err(Failure::TimedOut))
    }

    async fn fetch_from(&self, target: &Target, max: usize) -> Result<Fetched, Failure> {
        let headers = HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static("*/*"))]);
        let (answer, driver) = self.ask(target, Method::GET, headers, Bytes::new()).await?;
        match answer.status() {
            StatusCode::OK => {}
            status if status.is_redirection() => return Err(Failure::Redirect),
            status => return Err(Failure::Status(status.as_u16())),
        }
        // None was asked for, and unpacking is where small answers become large.
        let packed = answer
            .headers()
            .get(CONTENT_ENCODING)
            .is_some_and(|coding| coding != "identity");
        if packed {
            return Err(Failure::Broken);
        }
        let announced = answer
            .headers()
            .get(CONTENT_LENGTH)
            .and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
        if announced.is_some_and(|length| length > max) {
            return Err(Failure::TooLarge { max });
        }
        let content_type = answer
            .headers()
            .get(CONTENT_TYPE)
            .and_then(|kind| kind.to_str().ok())
            .map(str::to_owned);
        let mut body = Vec::new();
        read_up_to(answer.into_body(), max.saturating_add(1), &mut body)
            .await
            .map_err(|_| Failure::Broken)?;
        if body.len() > max {
            return Err(Failure::TooLarge { max });
        }
        let body = body.into();
        drop(driver);
        Ok(Fetched { body, content_type })
    }

    /// Connects, asks, and returns the head of the answer. The connection lives
    /// as long as the set of tasks that comes with it.
    async fn ask(
        &self,
        target: &Target,
        method: Method,
        mut headers: HeaderMap,
        body: Bytes,
    ) -> Result<(Response<Incoming>, JoinSet<()>), Failure> {
        let stream = self.connect(target).await?;
        let authority = &target.url[Position::BeforeHost..Position::AfterPort];
        let path = &target.url[Position::BeforePath..Position::AfterQuery];
        let header = |text: &str| HeaderValue::from_str(text).map_err(|_| Denied::NotAnAddress);
        headers.insert(HOST, header(authority)?);
        headers.insert(USER_AGENT, HeaderValue::from_static(AGENT));
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = method;
        *request.uri_mut() = path.parse().map_err(|_| Denied::NotAnAddress)?;
        *request.headers_mut() = headers;

        let (mut sender, connection) = hyper::client::conn::http1::Builder::new()
            .max_buf_size(HEAD_MAX)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(|_| Failure::Broken)?;
        let mut driver = JoinSet::new();
        driver.spawn(async move {
            // What goes wrong with it is told by the answer.
            let _ = connection.await;
        });
        let answer = sender
            .send_request(request)
            .await
            .map_err(|_| Failure::Broken)?;
        Ok((answer, driver))
    }

    async fn connect(&self, target: &Target) -> Result<Box<dyn Stream>, Failure> {
        let addresses = match &target.host {
            Host::Ipv4(address) => vec![IpAddr::V4(*address)],
            Host::Ipv6(address) => vec![IpAddr::V6(*address)],
            Host::Domain(name) => self
                .resolver
                .resolve(name)
                .await
                .map_err(|_| Failure::Unresolved)?,
        };
        let mut failure = Failure::Unresolved;
        let mut admitted = Vec::new();
        for address in addresses {
            match self.guard.admit(target, address) {
                Ok(()) => admitted.push(address),
                Err(denied) => failure = denied.into(),
            }
        }
        for address in admitted.into_iter().take(ADDRESSES_MAX) {
            let attempt = TcpStream::connect(SocketAddr::new(address, target.port));
            match timeout(self.limits.connect, attempt).await {
                Ok(Ok(stream)) => return self.secure(target, stream).await,
                Ok(Err(_)) => failure = Failure::Unreachable,
                Err(_) => failure = Failure::TimedOut,
            }
        }
        Err(failure)
    }

    async fn secure(&self, target: &Target, stream: TcpStream) -> Result<Box<dyn Stream>, Failure> {
        // Small requests, one at a time: waiting to fill a packet only delays.
        let _ = stream.set_nodelay(true);
        if !target.tls {
            return Ok(Box::new(stream));
        }
        let name = match &target.host {
            Host::Domain(name) => ServerName::try_from(name.trim_end_matches('.').to_owned())
                .map_err(|_| Failure::Tls)?,
            Host::Ipv4(address) => ServerName::from(IpAddr::V4(*address)),
            Host::Ipv6(address) => ServerName::from(IpAddr::V6(*address)),
        };
        let stream = self
            .tls
            .connect(name, stream)
            .await
            .map_err(|_| Failure::Tls)?;
        Ok(Box::new(stream))
    }
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// Reads a body, no further than `max` bytes.
async fn read_up_to(
    mut body: Incoming,
    max: usize,
    read: &mut Vec<u8>,
) -> Result<(), hyper::Error> {
    while read.len() < max {
        let Some(frame) = body.frame().await else {
            break;
        };
        if let Ok(data) = frame?.into_data() {
            let room = max - read.len();
            read.extend_from_slice(&data[..data.len().min(room)]);
        }
    }
    Ok(())
}

/// RFC 9110 §10.2.3: seconds, or a time, which is taken by the host's own clock.
fn retry_after(headers: &HeaderMap) -> Option<i64> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<u32>() {
        return Some(i64::from(seconds));
    }
    let time = |text: &str| jiff::fmt::rfc2822::parse(text).ok().map(|t| t.timestamp());
    let from = time(headers.get(DATE)?.to_str().ok()?)?;
    Some(
        time(text)?
            .as_second()
            .saturating_sub(from.as_second())
            .max(0),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_seconds_or_a_time_of_the_hosts_own_clock() {
        let after = |value: &str, date: Option<&str>| {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, HeaderValue::from_str(value).unwrap());
            if let Some(date) = date {
                headers.insert(DATE, HeaderValue::from_str(date).unwrap());
            }
            retry_after(&headers)
        };
        let date = Some("Tue, 15 Jun 2010 09:00:00 GMT");
        assert_eq!(after("30", None), Some(30));
        assert_eq!(after("Tue, 15 Jun 2010 09:01:00 GMT", date), Some(60));
        assert_eq!(after("Tue, 15 Jun 2010 08:00:00 GMT", date), Some(0));
        assert_eq!(after("Tue, 15 Jun 2010 09:01:00 GMT", None), None);
        assert_eq!(after("-1", date), None);
        assert_eq!(after("soon", date), None);
        assert_eq!(retry_after(&HeaderMap::new()), None);
    }
}
