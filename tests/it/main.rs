//! The program from outside: the real binary, its own database in a temporary folder, and HTTP.

mod browser;
mod crash_disk;
mod crash_postgres;
mod crash_power;
mod crash_webhook;
mod fault_connection;
mod fuzz_intake;
mod genuine;
mod halden;
mod postgres;
mod program;
mod story_backup;
mod story_candidate;
mod story_demo;
mod story_form;
mod story_headers;
mod story_origin;
mod story_processes;
mod story_sign_in;
mod story_start;
mod story_stop;
mod story_webhook;
mod wire;
