//! Wall-clock time as it stands in files: for people and for joining records, never for durations.

/// Now, in RFC 3339 with milliseconds, UTC.
#[must_use]
pub fn now() -> String {
    format!("{:.3}", jiff::Timestamp::now())
}

#[cfg(test)]
mod tests {
    #[test]
    fn now_is_written_with_milliseconds_in_utc() {
        let now = super::now();
        assert_eq!(now.len(), "2026-11-24T11:18:45.123Z".len(), "{now}");
        assert!(now.ends_with('Z') && now.starts_with("20"), "{now}");
    }
}
