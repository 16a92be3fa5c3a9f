//! A server that keeps files and nothing else, for `benches/peers/local_platform.py`: what the same
//! bytes cost through hyper and the disk without S3 around them. No signature, no hash, no index.
//!
//! ```text
//! bare FOLDER [--sync]     prints its address and serves on loopback until it is ended
//! ```
//!
//! `PUT /NAME` writes a file beside and renames it, with `--sync` once file and folder are on the
//! disk; `GET /NAME` reads it.

use std::convert::Infallible;
use std::fs::File;
use std::io::{self, Read, Write};
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use bytes::Bytes;
use futures::stream;
use http::{Method, Request, Response, StatusCode};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Empty, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tempfile::NamedTempFile;
use tokio::net::TcpListener;

/// As much is read at once.
const PIECE: u64 = 1 << 20;

type Body = BoxBody<Bytes, io::Error>;
type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

struct Store {
    folder: PathBuf,
    sync: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let Some(folder) = arguments.next() else {
        eprintln!("bare: name a folder");
        return ExitCode::from(2);
    };
    let sync = arguments.next().is_some_and(|option| option == "--sync");
    match serve(Arc::new(Store { folder: folder.into(), sync })).await {
        Ok(never) => match never {},
        Err(error) => {
            eprintln!("bare: {error}");
            ExitCode::from(2)
        }
    }
}

async fn serve(store: Arc<Store>) -> io::Result<Infallible> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    println!("http://{}", listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            let service = service_fn(|request| answer(&store, request));
            // A client that goes away is no trouble.
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

async fn answer(store: &Store, request: Request<Incoming>) -> Outcome<Response<Body>> {
    // Names are not looked at: it listens to one program that runs it in a folder of its own.
    let path = store.folder.join(request.uri().path().trim_start_matches('/'));
    match *request.method() {
        Method::PUT => put(store, &path, request.into_body()).await,
        Method::GET => get(&path),
        _ => {
            let mut response = Response::new(nothing());
            *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
            Ok(response)
        }
    }
}

async fn put(store: &Store, path: &Path, mut body: Incoming) -> Outcome<Response<Body>> {
    let mut part = NamedTempFile::new_in(&store.folder)?;
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame?.into_data() {
            part.write_all(&data)?;
        }
    }
    if store.sync {
        part.as_file().sync_all()?;
    }
    part.persist(path)?;
    if store.sync {
        File::open(&store.folder)?.sync_all()?;
    }
    Ok(Response::new(nothing()))
}

fn get(path: &Path) -> Outcome<Response<Body>> {
    let file = File::open(path)?;
    let length = file.metadata()?.len();
    let pieces = stream::iter(Pieces { file, left: length });
    let mut response = Response::new(BodyExt::boxed(StreamBody::new(pieces)));
    response.headers_mut().insert(http::header::CONTENT_LENGTH, length.into());
    Ok(response)
}

fn nothing() -> Body {
    Empty::new().map_err(|never: Infallible| match never {}).boxed()
}

/// A file's bytes, piece by piece.
struct Pieces {
    file: File,
    left: u64,
}

impl Iterator for Pieces {
    type Item = io::Result<Frame<Bytes>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.left == 0 {
            return None;
        }
        let take = self.left.min(PIECE);
        self.left -= take;
        let mut piece = Vec::with_capacity(usize::try_from(take).unwrap_or(0));
        let read = (&self.file).take(take).read_to_end(&mut piece);
        Some(read.map(|_| Frame::data(piece.into())))
    }
}
