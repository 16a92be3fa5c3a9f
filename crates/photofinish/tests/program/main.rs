//! The program through its public commands, as a user has it.

mod bad_input;
mod clients;
mod desk;
mod kill;
mod measurements;
mod rejections;
mod road;
