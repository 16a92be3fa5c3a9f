//! A state machine for each deployment, where the study asks for them: it calls the deployment's
//! functions one after the other, and may call no others.

use photofinish_cloud::{
    Account, Chain, Cloud, Link, MachineRights, Returns, RoleSpec, STATES_SERVICE,
    StateMachineSpec, Workflow,
};
use photofinish_study::{Lane, Language};

use super::ground::Ground;
use super::{function_name, noted};
use crate::failure::Failure;
use crate::progress::counted;
use crate::road::Site;

/// What stands where a function's name would, in the names of a machine and its role.
const NAME: &str = "chain";

/// Puts a state machine in place for every lane that can race as a chain, with a role of its own.
pub(super) async fn deploy(
    site: &Site<'_>,
    cloud: &Cloud,
    ground: &Ground,
    lanes: &mut [Lane],
) -> Result<(), Failure> {
    let Some(account) = ground.account.as_ref().filter(|_| site.opened.study.has_machines()) else {
        return Ok(());
    };
    let raced = |lane: &&mut Lane| lane.is_whole() && site.opened.races_here(&lane.deployment);
    let mut made = 0;
    for lane in lanes.iter_mut().filter(raced) {
        lane.machine = Some(put_in_place(site, cloud, ground, account, lane).await?);
        made += 1;
    }
    site.progress.say("deploy", &format!("{} in place", counted(made, "state machine")));
    Ok(())
}

async fn put_in_place(
    site: &Site<'_>,
    cloud: &Cloud,
    ground: &Ground,
    account: &Account,
    lane: &Lane,
) -> Result<String, Failure> {
    let name = function_name(&ground.prefix, &lane.deployment, NAME);
    let functions: Vec<&str> =
        lane.functions.iter().map(|function| function.deployed_as.as_str()).collect();
    let rights =
        MachineRights { account, region: cloud.region(), functions: &functions, batches: None };
    let role = RoleSpec {
        name: name.clone(),
        service: STATES_SERVICE.to_owned(),
        policy: rights.policy(),
        tags: ground.tags.clone(),
    };
    let role = noted(site.journal, "ensure-role", &name, cloud.ensure_role(&role)).await?;
    let spec = StateMachineSpec {
        name: name.clone(),
        definition: chain(site, account, lane).definition(),
        role,
        workflow: Workflow::Express,
        tags: ground.tags.clone(),
    };
    let made = cloud.ensure_state_machine(account, &spec);
    noted(site.journal, "ensure-state-machine", &name, made).await
}

/// The inspector's answers are envelopes, and it is with whatever is written in Python.
fn chain(site: &Site<'_>, account: &Account, lane: &Lane) -> Chain {
    let returns = match site.packed.kit(&lane.deployment.contestant).language {
        Language::Python => Returns::Enveloped,
        Language::Native => Returns::Bare,
    };
    let links = lane.functions.iter().map(|function| Link {
        name: function.name.to_string(),
        function: function.deployed_as.clone(),
        returns,
    });
    Chain { partition: account.partition.clone(), links: links.collect() }
}
