//! An object on its way out.

use std::fs::File;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use futures::{Stream, StreamExt, stream};
use s3s::dto::StreamingBlob;
use s3s::{S3Error, S3Result};

use super::object_file;

/// As much of a large object is in memory at once.
const PIECE: u64 = 1 << 20;

/// The bytes of a small object at once, those of a large one piece by piece. The first piece is read
/// here, as its description was: to have another thread do it takes as long as the reading.
pub(super) fn body(mut file: File, start: u64, length: u64) -> S3Result<StreamingBlob> {
    let first = object_file::read(&mut file, start, length.min(PIECE));
    let first = Bytes::from(first.map_err(S3Error::internal_error)?);
    if length <= PIECE {
        return Ok(StreamingBlob::from(s3s::Body::from(first)));
    }
    let rest = stream::try_unfold(
        (file, start + PIECE, length - PIECE),
        |(file, start, left)| async move {
            if left == 0 {
                return Ok::<_, std::io::Error>(None);
            }
            let take = left.min(PIECE);
            let (file, bytes) = piece(file, start, take).await?;
            Ok(Some((bytes, (file, start + take, left - take))))
        },
    );
    let all = stream::iter([Ok(first)]).chain(rest);
    Ok(StreamingBlob::wrap(SyncStream(Mutex::new(Box::pin(all)))))
}

async fn piece(mut file: File, start: u64, length: u64) -> std::io::Result<(File, Bytes)> {
    tokio::task::spawn_blocking(move || {
        object_file::read(&mut file, start, length).map(|bytes| (file, bytes.into()))
    })
    .await
    .map_err(std::io::Error::other)?
}

type Pieces = Pin<Box<dyn Stream<Item = std::io::Result<Bytes>> + Send>>;

/// s3s wants its streams to be `Sync`; nobody polls one from two threads.
struct SyncStream(Mutex<Pieces>);

impl Stream for SyncStream {
    type Item = std::io::Result<Bytes>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let pieces = self.get_mut().0.get_mut().unwrap_or_else(PoisonError::into_inner);
        pieces.as_mut().poll_next(context)
    }
}
