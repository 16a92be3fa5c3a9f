//! Guests as their keeper's clients see them.

use std::path::PathBuf;

use photofinish_sandbox::{Guest, GuestSpec, Keeper, Limits, keeper};
use tokio::io::AsyncReadExt;

fn spec(script: &str) -> GuestSpec {
    GuestSpec {
        root: PathBuf::from("/"),
        binds: Vec::new(),
        tmp_bytes: 16 << 20,
        command: vec!["/bin/sh".into(), "-c".into(), script.into()],
        environment: vec![("PATH".into(), "/usr/bin:/bin".into())],
        directory: "/tmp".into(),
        hostname: "guest".into(),
        listen: vec![9001],
        limits: Limits {
            memory_bytes: 256 << 20,
            cpu: None,
            processes: 64,
            files: 256,
            file_bytes: 64 << 20,
        },
    }
}
async fn output(guest: &mut Guest) -> String {
    let mut text = Vec::new();
    guest
        .take_output()
        .unwrap()
        .read_to_end(&mut text)
        .await
        .unwrap();
    String::from_utf8_lossy(&text).into_owned()
}

fn main() {
    keeper::main_if_keeper();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let t = std::time::Instant::now();
        let keeper = Keeper::start(&std::env::current_exe().unwrap()).await.unwrap();
        println!("{:?} {}", t.elapsed(), keeper.tier().summary());
        for script in ["id; ls -la / /dev /proc/self/fd; cat /proc/self/status /proc/mounts; hostname; env; ps ax; ls /sys; exit 3", "echo hi", "echo hi", "kill -9 $$","echo hi"] {
            let t = std::time::Instant::now();
            let mut guest = keeper.spawn(&spec(script)).await.unwrap();
            let a = t.elapsed();
            println!("{:?}", guest.usage().await);
            print!("{}", output(&mut guest).await);
            let b = t.elapsed();
            println!("{:?}", guest.wait().await);
            println!("{a:?} {b:?} {:?}", t.elapsed());
        }
        let t = std::time::Instant::now();
        keeper.shutdown().await.unwrap();
        println!("{:?}", t.elapsed());
    });
}
