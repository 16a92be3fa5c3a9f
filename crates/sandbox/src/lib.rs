//! The keeper of guests: namespaces, cgroups, limits.
