//! Expected failures: what to print, and which exit code says so. A bug is a panic, exit code 101.

use std::process::ExitCode;

use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource};
use photofinish_cloud::Kind;
use photofinish_study::InputError;

/// What a command found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Done.
    Yes,
    /// Done, and the answer is no: a variant was rejected.
    No,
}

impl Answer {
    /// No, if either is.
    pub(crate) fn worse(self, other: Self) -> Self {
        if other == Self::No { other } else { self }
    }
}

/// A failure that a user can do something about.
#[derive(Debug)]
pub(crate) enum Failure {
    /// A file that somebody wrote is wrong: exit 2.
    Input(Box<InputError>),
    /// The command or what it points to is wrong: exit 2.
    Usage(Told),
    /// This machine lacks something: exit 3.
    Lacking(Told),
    /// Stopped by the budget; what was paid for so far is kept: exit 4.
    Budget(Told),
    /// A provider, AWS or the local platform failed for good: exit 5.
    Provider(Told),
    /// Stopped by the user: exit 130. Everything journalled so far is kept.
    Interrupted,
}

/// An error's message with its causes, and what to do about it.
#[derive(Debug)]
pub(crate) struct Told {
    message: String,
    hint: Option<String>,
}

impl Failure {
    /// The command or what it points to is wrong.
    pub(crate) fn usage(error: &dyn std::error::Error) -> Self {
        Self::Usage(Told::new(error))
    }

    /// This machine lacks something.
    pub(crate) fn lacking(error: &dyn std::error::Error) -> Self {
        Self::Lacking(Told::new(error))
    }

    /// Something that was called failed for good; or could not be called, since this machine lacks
    /// what it wants to be called with.
    pub(crate) fn provider(error: &(dyn std::error::Error + 'static)) -> Self {
        let told = Told::new(error);
        if is_lacking(error) { Self::Lacking(told) } else { Self::Provider(told) }
    }

    /// The same, with what to do about it.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        if let Self::Usage(told) | Self::Lacking(told) | Self::Provider(told) = &mut self {
            told.hint = Some(hint.into());
        }
        self
    }

    /// Prints it to stderr and gives its exit code.
    pub(crate) fn report(self) -> ExitCode {
        let (told, code) = match self {
            Self::Input(error) => {
                report_input(*error);
                return ExitCode::from(2);
            }
            Self::Usage(told) => (told, 2),
            Self::Lacking(told) => (told, 3),
            Self::Budget(told) => (told, 4),
            Self::Provider(told) => (told, 5),
            Self::Interrupted => {
                let message = "interrupted; everything journalled so far is kept".to_owned();
                let hint = Some("run the same command again to go on".to_owned());
                (Told { message, hint }, 130)
            }
        };
        eprintln!("error: {}", told.message);
        if let Some(hint) = told.hint {
            eprintln!("hint: {hint}");
        }
        ExitCode::from(code)
    }
}

impl Told {
    /// A failure in words of our own.
    pub(crate) fn words(message: impl Into<String>, hint: Option<&str>) -> Self {
        Self { message: message.into(), hint: hint.map(str::to_owned) }
    }

    /// An error's message with its causes.
    pub(crate) fn new(error: &dyn std::error::Error) -> Self {
        let mut message = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            let text = cause.to_string();
            if !message.contains(&text) {
                message.push_str(": ");
                message.push_str(&text);
            }
            source = cause.source();
        }
        Self { message, hint: None }
    }
}

impl std::fmt::Display for Told {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl From<InputError> for Failure {
    fn from(error: InputError) -> Self {
        Self::Input(Box::new(error))
    }
}

/// Whether no call was made, for want of credentials or of certificates to know the other side by.
fn is_lacking(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut causes = std::iter::successors(Some(error), |error| error.source());
    causes.any(|cause| {
        cause.downcast_ref::<photofinish_cloud::Error>().is_some_and(|error| {
            matches!(error.kind(), Kind::MissingCredentials | Kind::MissingCertificates)
        })
    })
}

/// A usage error as clap words it; help and version are no errors.
pub(crate) fn usage(error: &clap::Error) -> ExitCode {
    // A closed pipe is no reason to complain about.
    let _ = error.print();
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}

/// The file's own lines with the fault marked in them.
fn report_input(error: InputError) {
    let marked = Marked::new(error);
    let Some(marked) = marked.source.is_some().then_some(&marked) else {
        eprintln!("error: {marked}");
        if let Some(help) = &marked.help {
            eprintln!("hint: {help}");
        }
        return;
    };
    let colour = std::env::var_os("NO_COLOR").is_none()
        && std::io::IsTerminal::is_terminal(&std::io::stderr());
    let theme = if colour { GraphicalTheme::unicode() } else { GraphicalTheme::none() };
    let mut text = String::new();
    let handler = GraphicalReportHandler::new_themed(theme).with_links(false);
    match handler.render_report(&mut text, marked) {
        Ok(()) => eprint!("error: {}", text.trim_start()),
        Err(std::fmt::Error) => eprintln!("error: {marked}"),
    }
}

/// An input error as miette draws it.
#[derive(Debug)]
struct Marked {
    message: String,
    source: Option<NamedSource<String>>,
    label: Option<LabeledSpan>,
    help: Option<String>,
}

impl Marked {
    fn new(error: InputError) -> Self {
        let path = error.path.display().to_string();
        let message = match error.line_and_column() {
            Some((line, column)) => format!("{path}:{line}:{column}: {}", error.message),
            None => format!("{path}: {}", error.message),
        };
        let label = error.span.clone().map(LabeledSpan::underline);
        let source = error.text.filter(|_| label.is_some());
        Self {
            message,
            source: source.map(|text| NamedSource::new(path, text)),
            label,
            help: error.help,
        }
    }
}

impl std::fmt::Display for Marked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Marked {}

impl Diagnostic for Marked {
    fn help<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn std::fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn miette::SourceCode> {
        self.source.as_ref().map(|source| source as &dyn miette::SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.label.iter().cloned()))
    }
}
