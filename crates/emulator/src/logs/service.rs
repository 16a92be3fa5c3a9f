//! From a request of CloudWatch Logs to what lies on the disk.

use std::path::PathBuf;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::pattern::Pattern;
use super::protocol::{
    DeleteLogGroup, DescribeLogGroups, DescribeLogStreams, FilterLogEvents, FilteredEvent,
    FilteredLogEvents, GetLogEvents, LogEvents, LogGroup, LogGroups, LogStream, LogStreams,
    OutputEvent,
};
use super::shelf::{self, Group, Stream};
use super::times::Event;
use crate::fault::Fault;
use crate::lambda::ACCOUNT;

const TARGET: &str = "Logs_20140328.";
const CONTENT_TYPE: &str = "application/x-amz-json-1.1";
const PAGE: usize = 50;
const EVENTS: usize = 10_000;
/// No answer is longer, so that a client can take it.
const ANSWER_LIMIT: usize = 1 << 20;
/// What CloudWatch counts for an event beside its message.
const EVENT_OVERHEAD: usize = 26;

/// The logs of one data folder.
pub(crate) struct Logs {
    pub(crate) data: PathBuf,
    pub(crate) region: String,
}

impl Logs {
    /// Answers a request whose signature was found good.
    pub(crate) fn answer(
        &self,
        headers: &HeaderMap,
        body: &[u8],
        request_id: &str,
    ) -> Response<Bytes> {
        match self.dispatch(headers, body) {
            Ok(answer) => respond(StatusCode::OK, answer, request_id),
            Err(fault) => refuse(fault, request_id),
        }
    }

    fn dispatch(&self, headers: &HeaderMap, body: &[u8]) -> Result<Bytes, Fault> {
        let target = headers.get("x-amz-target").and_then(|value| value.to_str().ok());
        match target.and_then(|target| target.strip_prefix(TARGET)) {
            Some("DescribeLogGroups") => json(&self.describe_log_groups(&read(body)?)?),
            Some("DescribeLogStreams") => json(&self.describe_log_streams(&read(body)?)?),
            Some("GetLogEvents") => json(&self.get_log_events(&read(body)?)?),
            Some("FilterLogEvents") => json(&self.filter_log_events(&read(body)?)?),
            Some("DeleteLogGroup") => self.delete_log_group(&read(body)?).map(|()| Bytes::new()),
            Some(other) => {
                Err(Fault::unsupported(format_args!("the CloudWatch Logs operation {other}")))
            }
            None => Err(Fault::new(
                "UnknownOperationException",
                StatusCode::BAD_REQUEST,
                "The request names no operation of CloudWatch Logs in X-Amz-Target.",
            )),
        }
    }

    fn describe_log_groups(&self, request: &DescribeLogGroups) -> Result<LogGroups, Fault> {
        if request.log_group_name_prefix.is_some() && request.log_group_name_pattern.is_some() {
            return Err(invalid(
                "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.",
            ));
        }
        let prefix = request.log_group_name_prefix.as_deref().unwrap_or("");
        let pattern = request.log_group_name_pattern.as_deref().unwrap_or("").to_lowercase();
        let after = request.next_token.as_deref().unwrap_or("");
        let length = page_length(request.limit, PAGE)?;
        let mut wanted = shelf::groups(&self.data).into_iter().filter(|group| {
            group.name.starts_with(prefix)
                && group.name.to_lowercase().contains(&pattern)
                && group.name.as_str() > after
        });
        let log_groups: Vec<LogGroup> =
            wanted.by_ref().take(length).map(|group| self.show_group(&group)).collect();
        let next_token =
            wanted.next().and_then(|_| Some(log_groups.last()?.log_group_name.clone()));
        Ok(LogGroups { log_groups, next_token })
    }

    fn describe_log_streams(&self, request: &DescribeLogStreams) -> Result<LogStreams, Fault> {
        let group =
            self.group(request.log_group_name.as_ref(), request.log_group_identifier.as_ref())?;
        let prefix = request.log_stream_name_prefix.as_deref();
        let mut streams: Vec<LogStream> = group
            .streams()
            .iter()
            .filter(|stream| stream.name.starts_with(prefix.unwrap_or("")))
            .map(|stream| self.show_stream(&group, stream))
            .collect();
        match request.order_by.as_deref() {
            None | Some("LogStreamName") => {}
            Some("LastEventTime") if prefix.is_some() => {
                return Err(invalid("Cannot order by LastEventTime with a logStreamNamePrefix."));
            }
            Some("LastEventTime") => streams.sort_by_key(|stream| stream.last_event_timestamp),
            Some(other) => {
                return Err(invalid(format!(
                    "1 validation error detected: Value '{other}' at 'orderBy' failed to satisfy constraint: Member must satisfy enum value set: [LogStreamName, LastEventTime]"
                )));
            }
        }
        if request.descending {
            streams.reverse();
        }
        let (begin, length) =
            (position(request.next_token.as_deref())?, page_length(request.limit, PAGE)?);
        let end = (begin + length).min(streams.len());
        let next_token = (end < streams.len()).then(|| end.to_string());
        let log_streams = streams.get(begin..end).unwrap_or_default().to_vec();
        Ok(LogStreams { log_streams, next_token })
    }

    fn get_log_events(&self, request: &GetLogEvents) -> Result<LogEvents, Fault> {
        let group =
            self.group(request.log_group_name.as_ref(), request.log_group_identifier.as_ref())?;
        let stream = group.streams().into_iter().find(|s| s.name == request.log_stream_name);
        let stream = stream
            .ok_or_else(|| Fault::bad_not_found("The specified log stream does not exist."))?;
        let all = stream.events();
        let length = page_length(request.limit, EVENTS)?;
        let wanted = |event: &&Event| within(event, request.start_time, request.end_time);
        let wanted: Vec<&Event> = all.iter().filter(wanted).collect();
        let (begin, end) = match turn(request.next_token.as_deref(), wanted.len())? {
            Turn::Forward(begin) => (begin, forward(&wanted, begin, length)),
            Turn::Backward(end) => (backward(&wanted, end, length), end),
            Turn::First if request.start_from_head => (0, forward(&wanted, 0, length)),
            Turn::First => (backward(&wanted, wanted.len(), length), wanted.len()),
        };
        let events = wanted[begin..end].iter().map(|event| OutputEvent {
            timestamp: event.time,
            message: event.message.clone(),
            ingestion_time: event.time,
        });
        Ok(LogEvents {
            events: events.collect(),
            next_forward_token: format!("f/{end:056}"),
            next_backward_token: format!("b/{begin:056}"),
        })
    }

    fn filter_log_events(&self, request: &FilterLogEvents) -> Result<FilteredLogEvents, Fault> {
        let group =
            self.group(request.log_group_name.as_ref(), request.log_group_identifier.as_ref())?;
        let pattern = Pattern::parse(request.filter_pattern.as_deref().unwrap_or(""))?;
        let (named, prefix) = (&request.log_stream_names, &request.log_stream_name_prefix);
        if named.is_some() && prefix.is_some() {
            return Err(invalid(
                "logStreamNames and logStreamNamePrefix are mutually exclusive parameters.",
            ));
        }
        let mut found = Vec::new();
        for (place, stream) in group.streams().into_iter().enumerate() {
            let wanted = named.as_ref().is_none_or(|names| names.contains(&stream.name))
                && prefix.as_ref().is_none_or(|prefix| stream.name.starts_with(prefix));
            if !wanted {
                continue;
            }
            for (line, event) in stream.events().into_iter().enumerate() {
                if within(&event, request.start_time, request.end_time)
                    && pattern.matches(&event.message)
                {
                    found.push(FilteredEvent {
                        event_id: format!("{:020}{place:018}{line:018}", event.time),
                        log_stream_name: stream.name.clone(),
                        timestamp: event.time,
                        message: event.message,
                        ingestion_time: event.time,
                    });
                }
            }
        }
        // Within a stream, and where times are the same, as they were written.
        found.sort_by_key(|event| event.timestamp);
        let begin = position(request.next_token.as_deref())?.min(found.len());
        let length = page_length(request.limit, EVENTS)?;
        let sizes = found[begin..].iter().map(|event| event.message.len());
        let end = begin + as_many(sizes, length);
        let next_token = (end < found.len()).then(|| end.to_string());
        let events = found.drain(begin..end).collect();
        Ok(FilteredLogEvents { events, searched_log_streams: [], next_token })
    }

    fn delete_log_group(&self, request: &DeleteLogGroup) -> Result<(), Fault> {
        let group = self.group(Some(&request.log_group_name), None)?;
        group
            .delete()
            .map_err(|error| Fault::service(format!("the group could not be removed: {error}")))
    }

    /// The group that a request names, or gives the ARN of.
    fn group(&self, name: Option<&String>, identifier: Option<&String>) -> Result<Group, Fault> {
        let own = format!("arn:aws:logs:{}:{ACCOUNT}:log-group:", self.region);
        let name = match (name, identifier) {
            (Some(name), None) => name.as_str(),
            (None, Some(given)) => given.strip_prefix(&own).unwrap_or(given),
            _ => {
                return Err(invalid(
                    "Exactly one of logGroupName and logGroupIdentifier must be given.",
                ));
            }
        };
        shelf::group(&self.data, name)
            .ok_or_else(|| Fault::bad_not_found("The specified log group does not exist."))
    }

    fn group_arn(&self, name: &str) -> String {
        format!("arn:aws:logs:{}:{ACCOUNT}:log-group:{name}", self.region)
    }

    fn show_group(&self, group: &Group) -> LogGroup {
        let arn = self.group_arn(&group.name);
        LogGroup {
            log_group_name: group.name.clone(),
            creation_time: group.created,
            metric_filter_count: 0,
            arn: format!("{arn}:*"),
            stored_bytes: group.bytes(),
            log_group_class: "STANDARD",
            log_group_arn: arn,
        }
    }

    fn show_stream(&self, group: &Group, stream: &Stream) -> LogStream {
        let span = stream.span();
        LogStream {
            log_stream_name: stream.name.clone(),
            creation_time: stream.created,
            first_event_timestamp: span.map(|(first, _)| first),
            last_event_timestamp: span.map(|(_, last)| last),
            last_ingestion_time: span.map(|(_, last)| last),
            arn: format!("{}:log-stream:{}", self.group_arn(&group.name), stream.name),
            // CloudWatch has not told it for single streams since 2019.
            stored_bytes: 0,
        }
    }
}

/// Whether an unsigned request looks as if it was meant for the logs.
pub(crate) fn are_asked(headers: &HeaderMap) -> bool {
    headers
        .get("x-amz-target")
        .is_some_and(|target| target.as_bytes().starts_with(TARGET.as_bytes()))
}

/// An error, as clients of this protocol read it.
pub(crate) fn refuse(fault: Fault, request_id: &str) -> Response<Bytes> {
    let body = serde_json::json!({"__type": fault.code, "message": fault.message});
    let status =
        if fault.status.is_server_error() { fault.status } else { StatusCode::BAD_REQUEST };
    respond(status, Bytes::from(body.to_string()), request_id)
}

fn respond(status: StatusCode, body: Bytes, request_id: &str) -> Response<Bytes> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert("content-type", HeaderValue::from_static(CONTENT_TYPE));
    if let Ok(id) = HeaderValue::from_str(request_id) {
        headers.insert("x-amzn-requestid", id);
    }
    response
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Fault> {
    serde_json::from_slice(body).map_err(|error| {
        Fault::new("SerializationException", StatusCode::BAD_REQUEST, error.to_string())
    })
}

fn json<T: Serialize>(answer: &T) -> Result<Bytes, Fault> {
    serde_json::to_vec(answer)
        .map(Bytes::from)
        .map_err(|error| Fault::service(format!("cannot write the answer: {error}")))
}

fn invalid(message: impl Into<String>) -> Fault {
    Fault::new("InvalidParameterException", StatusCode::BAD_REQUEST, message)
}

fn page_length(asked: Option<i64>, most: usize) -> Result<usize, Fault> {
    let Some(asked) = asked else { return Ok(most) };
    usize::try_from(asked).ok().filter(|asked| (1..=most).contains(asked)).ok_or_else(|| {
        invalid(format!(
            "1 validation error detected: Value '{asked}' at 'limit' failed to satisfy constraint: Member must have value between 1 and {most}"
        ))
    })
}

fn position(token: Option<&str>) -> Result<usize, Fault> {
    token.map_or(Ok(0), |token| {
        token.parse().map_err(|_| invalid("The specified nextToken is invalid."))
    })
}

/// Where the events of one answer begin or end.
enum Turn {
    First,
    Forward(usize),
    Backward(usize),
}

fn turn(token: Option<&str>, there: usize) -> Result<Turn, Fault> {
    let Some(token) = token else { return Ok(Turn::First) };
    match token.split_once('/') {
        Some(("f", at)) => Ok(Turn::Forward(position(Some(at))?.min(there))),
        Some(("b", at)) => Ok(Turn::Backward(position(Some(at))?.min(there))),
        _ => Err(invalid("The specified nextToken is invalid.")),
    }
}

fn within(event: &Event, start: Option<u64>, end: Option<u64>) -> bool {
    event.time >= start.unwrap_or(0) && end.is_none_or(|end| event.time < end)
}

fn forward(events: &[&Event], begin: usize, length: usize) -> usize {
    begin + as_many(events[begin..].iter().map(|event| event.message.len()), length)
}

fn backward(events: &[&Event], end: usize, length: usize) -> usize {
    end - as_many(events[..end].iter().rev().map(|event| event.message.len()), length)
}

/// How many messages of these lengths fit into one answer: one at least.
fn as_many(lengths: impl Iterator<Item = usize>, most: usize) -> usize {
    let mut bytes = 0;
    lengths
        .take(most)
        .enumerate()
        .take_while(|(place, length)| {
            bytes += length + EVENT_OVERHEAD;
            *place == 0 || bytes <= ANSWER_LIMIT
        })
        .count()
}
