//! The words of a study as types: study and application files, the plan, the lock
