//! The machine itself, as its system describes it.

use photofinish_study::Architecture;

use super::{Finding, tools};

/// What kind of machine this is; local studies need Linux on one of two architectures.
pub(super) fn machine() -> Finding {
    let mut parts = vec![system(), std::env::consts::ARCH.to_owned()];
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    parts.push(format!("{cores} cores"));
    parts.extend(memory_bytes().map(|bytes| format!("{} of memory", super::disk::size(bytes))));
    parts.extend(processor());
    let found = parts.join(", ");
    if Architecture::of_this_machine().is_none() {
        let mend = "local studies need an x86_64 or arm64 processor; plan, analyse, report and \
                    `process --variant native` work here";
        return Finding::lacking("machine", found, mend);
    }
    if !cfg!(target_os = "linux") {
        let mend = "local studies need Linux, in a virtual machine if need be; plan, analyse, \
                    report and `process --variant native` work here";
        return Finding::lacking("machine", found, mend);
    }
    Finding::fine("machine", found)
}

/// Distribution and kernel.
fn system() -> String {
    if cfg!(target_os = "macos") {
        let version = tools::says("sw_vers", &["-productVersion"]).unwrap_or_default();
        let kernel = tools::says("sysctl", &["-n", "kern.osrelease"]).unwrap_or_default();
        return format!("macOS {version}, Darwin {kernel}");
    }
    let name = read("/etc/os-release").as_deref().and_then(pretty_name);
    let kernel = read("/proc/sys/kernel/osrelease").unwrap_or_default();
    let kernel = format!("Linux {}", kernel.trim());
    name.map_or(kernel.clone(), |name| format!("{name}, {kernel}"))
}

fn read(path: &str) -> Option<String> {
    std::fs::read_to_string(path).ok()
}

fn pretty_name(release: &str) -> Option<String> {
    let line = release.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="))?;
    Some(line.trim_matches('"').to_owned())
}

fn memory_bytes() -> Option<u64> {
    if cfg!(target_os = "macos") {
        return tools::says("sysctl", &["-n", "hw.memsize"])?.parse().ok();
    }
    let text = read("/proc/meminfo")?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

/// The processor's name; Arm's have numbers instead.
fn processor() -> Option<String> {
    if cfg!(target_os = "macos") {
        return tools::says("sysctl", &["-n", "machdep.cpu.brand_string"]);
    }
    named_processor(&read("/proc/cpuinfo")?)
}

fn named_processor(text: &str) -> Option<String> {
    let field = |name: &str| {
        text.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            (key.trim() == name).then(|| value.trim().to_owned())
        })
    };
    field("model name").or_else(|| {
        let (maker, part) = (field("CPU implementer")?, field("CPU part")?);
        Some(format!("processor part {part} of implementer {maker}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_processor_has_its_name_or_its_numbers() {
        let named = "processor\t: 0\nmodel name\t: AMD EPYC 7B13\nflags\t\t: fpu\n";
        assert_eq!(named_processor(named).as_deref(), Some("AMD EPYC 7B13"));
        let numbered = "processor\t: 0\nCPU implementer\t: 0x41\nCPU part\t: 0xd0c\n";
        let words = "processor part 0xd0c of implementer 0x41";
        assert_eq!(named_processor(numbered).as_deref(), Some(words));
        assert_eq!(named_processor(""), None);
    }

    #[test]
    fn a_distribution_is_called_by_its_pretty_name() {
        let release = "NAME=\"Debian\"\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n";
        assert_eq!(pretty_name(release).as_deref(), Some("Debian GNU/Linux 12 (bookworm)"));
    }
}
