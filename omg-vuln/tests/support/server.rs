//! An HTTP/1.1 server on loopback that does as it is told, the wrong things included.

// Shared by tests of which each uses a part.
#![allow(clippy::panic, clippy::print_stdout, clippy::unwrap_used, dead_code)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// A request as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// As sent, with percent-encoding and query string.
    pub(crate) path: String,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }
}

/// What the server does with a request.
pub(crate) enum Reply {
    /// Answers with these headers and a `Content-Length`.
    Full(u16, Vec<(&'static str, String)>, Vec<u8>),
    /// Sends these bytes, which may be anything, and closes the connection.
    Raw(Vec<u8>),
    /// Sends a head, then a piece again and again with pauses, then closes.
    Repeat {
        head: String,
        piece: Vec<u8>,
        times: u64,
        pause: Duration,
    },
    /// Sends nothing until the client goes away.
    Hang,
}

impl Reply {
    pub(crate) fn json(body: impl Into<Vec<u8>>) -> Self {
        Self::Full(
            200,
            vec![("content-type", "application/json".to_owned())],
            body.into(),
        )
    }

    pub(crate) fn status(status: u16) -> Self {
        Self::Full(status, Vec::new(), Vec::new())
    }

    /// A body sent in chunks, `times` times 64 KiB.
    pub(crate) fn endless(content_type: &str, times: u64) -> Self {
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: {content_type}\r\ntransfer-encoding: chunked\r\n\r\n"
        );
        let mut piece = b"10000\r\n".to_vec();
        piece.extend(vec![b' '; 0x10000]);
        piece.extend(b"\r\n");
        Self::Repeat {
            head,
            piece,
            times,
            pause: Duration::ZERO,
        }
    }
}

type Handler = dyn Fn(&Request, usize) -> Reply + Send + Sync;

struct Shared {
    handler: Box<Handler>,
    tls: Option<Arc<ServerConfig>>,
    connections: AtomicUsize,
    written: AtomicU64,
    open: AtomicUsize,
    most_open: AtomicUsize,
    requests: Mutex<Vec<Request>>,
}

/// A running server. Its threads end with the test process.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    shared: Arc<Shared>,
}

impl Server {
    /// Starts a server whose handler gets each request and its number from zero.
    pub(crate) fn start(
        handler: impl Fn(&Request, usize) -> Reply + Send + Sync + 'static,
    ) -> Self {
        Self::start_with(None, handler)
    }

    pub(crate) fn start_with(
        tls: Option<Arc<ServerConfig>>,
        handler: impl Fn(&Request, usize) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            handler: Box::new(handler),
            tls,
            connections: AtomicUsize::new(0),
            written: AtomicU64::new(0),
            open: AtomicUsize::new(0),
            most_open: AtomicUsize::new(0),
            requests: Mutex::new(Vec::new()),
        });
        let accepting = Arc::clone(&shared);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                accepting.connections.fetch_add(1, Ordering::SeqCst);
                let shared = Arc::clone(&accepting);
                std::thread::spawn(move || shared.connection(stream));
            }
        });
        Self { address, shared }
    }

    pub(crate) fn url(&self) -> String {
        let scheme = if self.shared.tls.is_some() {
            "https"
        } else {
            "http"
        };
        format!("{scheme}://{}", self.address)
    }

    /// How many connections were accepted.
    pub(crate) fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }

    /// How many bytes of bodies made of repeated pieces were written.
    pub(crate) fn written(&self) -> u64 {
        self.shared.written.load(Ordering::SeqCst)
    }

    /// How many requests were being answered at the same time.
    pub(crate) fn most_open(&self) -> usize {
        self.shared.most_open.load(Ordering::SeqCst)
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.shared.requests.lock().unwrap().clone()
    }
}

impl Shared {
    fn connection(&self, stream: TcpStream) {
        // Errors mean that the client has gone away, which is what many tests are about.
        let _ = match &self.tls {
            None => self.serve(stream),
            Some(config) => {
                let connection = ServerConnection::new(Arc::clone(config)).unwrap();
                self.serve(StreamOwned::new(connection, stream))
            }
        };
    }

    fn serve(&self, stream: impl Read + Write) -> std::io::Result<()> {
        let mut stream = BufReader::new(stream);
        while let Some(request) = read_request(&mut stream)? {
            let number = {
                let mut requests = self.requests.lock().unwrap();
                requests.push(request.clone());
                requests.len() - 1
            };
            let open = self.open.fetch_add(1, Ordering::SeqCst) + 1;
            self.most_open.fetch_max(open, Ordering::SeqCst);
            let reply = (self.handler)(&request, number);
            let goes_on = self.reply(stream.get_mut(), reply);
            self.open.fetch_sub(1, Ordering::SeqCst);
            if !goes_on? {
                break;
            }
        }
        Ok(())
    }

    /// Tells whether the connection stays open.
    fn reply(&self, stream: &mut (impl Read + Write), reply: Reply) -> std::io::Result<bool> {
        match reply {
            Reply::Full(status, headers, body) => {
                let headers: String = headers
                    .iter()
                    .map(|(name, value)| format!("{name}: {value}\r\n"))
                    .collect();
                let length = body.len();
                // In one piece, lest the kernel wait for an acknowledgement in between.
                let mut answer =
                    format!("HTTP/1.1 {status} X\r\n{headers}content-length: {length}\r\n\r\n")
                        .into_bytes();
                answer.extend(body);
                stream.write_all(&answer)?;
                stream.flush()?;
                return Ok(true);
            }
            Reply::Raw(bytes) => stream.write_all(&bytes)?,
            Reply::Repeat {
                head,
                piece,
                times,
                pause,
            } => {
                stream.write_all(head.as_bytes())?;
                for _ in 0..times {
                    stream.write_all(&piece)?;
                    stream.flush()?;
                    self.written
                        .fetch_add(u64::try_from(piece.len()).unwrap(), Ordering::SeqCst);
                    std::thread::sleep(pause);
                }
            }
            Reply::Hang => {
                let mut nothing = [0];
                let _ = stream.read(&mut nothing)?;
            }
        }
        stream.flush()?;
        Ok(false)
    }
}

fn read_request(stream: &mut impl BufRead) -> std::io::Result<Option<Request>> {
    let mut line = String::new();
    if stream.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut words = line.split_whitespace();
    let (method, path) = (
        words.next().unwrap_or_default(),
        words.next().unwrap_or_default(),
    );
    let mut request = Request {
        method: method.to_owned(),
        path: path.to_owned(),
        headers: Vec::new(),
        body: Vec::new(),
    };
    loop {
        let mut line = String::new();
        stream.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        request
            .headers
            .push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let length = request
        .header("content-length")
        .map_or(0, |length| length.parse().unwrap());
    request.body = vec![0; length];
    stream.read_exact(&mut request.body)?;
    Ok(Some(request))
}
