//! The lines that Lambda writes around a function's own.

use std::time::Duration;

use super::outcome::Outcome;

/// What a REPORT line says.
#[derive(Clone, Debug)]
pub(crate) struct Report<'a> {
    pub(crate) request_id: &'a str,
    pub(crate) duration: Duration,
    pub(crate) init: Option<Duration>,
    pub(crate) memory_mb: u32,
    pub(crate) max_memory_mb: u64,
    pub(crate) outcome: &'a Outcome,
    /// What emulated the function's processor, if anything did.
    pub(crate) emulation: Option<&'a str>,
}

impl Report<'_> {
    /// Whole milliseconds, rounded up; since August 2025 a cold start's init is billed too.
    pub(crate) fn billed_ms(&self) -> u128 {
        (self.duration + self.init.unwrap_or_default()).as_micros().div_ceil(1000)
    }

    /// How it ended, in the one word that JSON has for it.
    pub(crate) fn status(&self) -> &'static str {
        match self.outcome {
            Outcome::Success(_) => "success",
            Outcome::TimedOut { .. } => "timeout",
            _ => "error",
        }
    }

    /// A line that Lambda does not have: so that nobody takes the REPORT's figures for those of
    /// the function's architecture. Empty where nothing was emulated.
    pub(crate) fn emulation_line(&self) -> String {
        self.emulation.map_or_else(String::new, |words| {
            let id = self.request_id;
            format!("EMULATED RequestId: {id}\tBy: {words}\tTimes and memory are the emulator's\n")
        })
    }

    /// The line, with its end.
    pub(crate) fn line(&self) -> String {
        let mut line = format!(
            "REPORT RequestId: {}\tDuration: {:.2} ms\tBilled Duration: {} ms\tMemory Size: {} MB\tMax Memory Used: {} MB\t",
            self.request_id,
            milliseconds(self.duration),
            self.billed_ms(),
            self.memory_mb,
            self.max_memory_mb,
        );
        if let Some(init) = self.init {
            line += &format!("Init Duration: {:.2} ms\t", milliseconds(init));
        }
        match self.outcome {
            Outcome::Success(_) | Outcome::FunctionError { .. } => {}
            Outcome::TimedOut { .. } => line += "Status: timeout",
            other => {
                line += &format!(
                    "Status: error\tError Type: {}",
                    other.error_type().unwrap_or("Unknown")
                )
            }
        }
        line.push('\n');
        line
    }
}

/// So many milliseconds, with their fraction.
pub(crate) fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    fn line(outcome: Outcome, init: Option<Duration>) -> String {
        Report {
            request_id: "8f507cfc-xmpl-4697-b07a-ac58fc914c95",
            duration: Duration::from_micros(3010),
            init,
            memory_mb: 128,
            max_memory_mb: 36,
            outcome: &outcome,
            emulation: None,
        }
        .line()
    }

    /// The form was recorded on Lambda in November 2025; the billing of init since August 2025.
    #[test]
    fn a_line_reads_as_lambda_writes_it() {
        let success = || Outcome::Success(Bytes::new());
        assert_eq!(
            line(success(), None),
            "REPORT RequestId: 8f507cfc-xmpl-4697-b07a-ac58fc914c95\tDuration: 3.01 ms\tBilled Duration: 4 ms\tMemory Size: 128 MB\tMax Memory Used: 36 MB\t\n"
        );
        assert_eq!(
            line(success(), Some(Duration::from_micros(110_100))),
            "REPORT RequestId: 8f507cfc-xmpl-4697-b07a-ac58fc914c95\tDuration: 3.01 ms\tBilled Duration: 114 ms\tMemory Size: 128 MB\tMax Memory Used: 36 MB\tInit Duration: 110.10 ms\t\n"
        );
        assert!(
            line(Outcome::TimedOut { seconds: 3 }, None)
                .ends_with("Max Memory Used: 36 MB\tStatus: timeout\n")
        );
        assert!(
            line(Outcome::OutOfMemory, None)
                .ends_with("\tStatus: error\tError Type: Runtime.OutOfMemory\n")
        );
    }
}
