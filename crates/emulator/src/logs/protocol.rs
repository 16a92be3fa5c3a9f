//! The requests and answers of CloudWatch Logs, as they travel.

use serde::{Deserialize, Serialize};

/// `DescribeLogGroups`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DescribeLogGroups {
    pub(crate) log_group_name_prefix: Option<String>,
    pub(crate) log_group_name_pattern: Option<String>,
    pub(crate) limit: Option<i64>,
    pub(crate) next_token: Option<String>,
}

/// The answer of `DescribeLogGroups`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LogGroups {
    pub(crate) log_groups: Vec<LogGroup>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next_token: Option<String>,
}

/// A group as clients see it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LogGroup {
    pub(crate) log_group_name: String,
    pub(crate) creation_time: u64,
    pub(crate) metric_filter_count: u32,
    pub(crate) arn: String,
    pub(crate) stored_bytes: u64,
    pub(crate) log_group_class: &'static str,
    pub(crate) log_group_arn: String,
}

/// `DescribeLogStreams`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DescribeLogStreams {
    pub(crate) log_group_name: Option<String>,
    pub(crate) log_group_identifier: Option<String>,
    pub(crate) log_stream_name_prefix: Option<String>,
    pub(crate) order_by: Option<String>,
    #[serde(default)]
    pub(crate) descending: bool,
    pub(crate) limit: Option<i64>,
    pub(crate) next_token: Option<String>,
}

/// The answer of `DescribeLogStreams`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LogStreams {
    pub(crate) log_streams: Vec<LogStream>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next_token: Option<String>,
}

/// A stream as clients see it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LogStream {
    pub(crate) log_stream_name: String,
    pub(crate) creation_time: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) first_event_timestamp: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) last_event_timestamp: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) last_ingestion_time: Option<u64>,
    pub(crate) arn: String,
    pub(crate) stored_bytes: u64,
}

/// `GetLogEvents`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct GetLogEvents {
    pub(crate) log_group_name: Option<String>,
    pub(crate) log_group_identifier: Option<String>,
    pub(crate) log_stream_name: String,
    pub(crate) start_time: Option<u64>,
    pub(crate) end_time: Option<u64>,
    #[serde(default)]
    pub(crate) start_from_head: bool,
    pub(crate) limit: Option<i64>,
    pub(crate) next_token: Option<String>,
}

/// The answer of `GetLogEvents`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LogEvents {
    pub(crate) events: Vec<OutputEvent>,
    pub(crate) next_forward_token: String,
    pub(crate) next_backward_token: String,
}

/// An event of a stream that was asked for.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OutputEvent {
    pub(crate) timestamp: u64,
    pub(crate) message: String,
    pub(crate) ingestion_time: u64,
}

/// `FilterLogEvents`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FilterLogEvents {
    pub(crate) log_group_name: Option<String>,
    pub(crate) log_group_identifier: Option<String>,
    pub(crate) log_stream_names: Option<Vec<String>>,
    pub(crate) log_stream_name_prefix: Option<String>,
    pub(crate) start_time: Option<u64>,
    pub(crate) end_time: Option<u64>,
    pub(crate) filter_pattern: Option<String>,
    pub(crate) limit: Option<i64>,
    pub(crate) next_token: Option<String>,
}

/// The answer of `FilterLogEvents`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FilteredLogEvents {
    pub(crate) events: Vec<FilteredEvent>,
    /// AWS leaves it empty too, since 2020.
    pub(crate) searched_log_streams: [(); 0],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next_token: Option<String>,
}

/// An event of any stream.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FilteredEvent {
    pub(crate) log_stream_name: String,
    pub(crate) timestamp: u64,
    pub(crate) message: String,
    pub(crate) ingestion_time: u64,
    pub(crate) event_id: String,
}

/// `DeleteLogGroup`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DeleteLogGroup {
    pub(crate) log_group_name: String,
}
