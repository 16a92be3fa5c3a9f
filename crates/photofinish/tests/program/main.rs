//! The program through its public commands, as a user has it.

mod answers;
mod architectures;
mod bad_input;
mod clients;
mod desk;
mod doctor;
mod elsewhere;
mod kill;
mod margins;
mod measurements;
mod process;
mod rejections;
mod road;
mod status;
