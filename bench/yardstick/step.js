// What a Node action does for the step that is measured, written only for this benchmark.
//
//     node step.js          the step: as the Node depot action does, or, with YARDSTICK_BUILDER=docker, as the
//                           docker action does
//     STATE_post=true node step.js
//                           its post step, which the runner starts when the job ends: removes the step's files
//
// The order is that of the Node depot action: ask the CLI whether it is there (`depot`), show its version
// (`depot version`), read the inputs, get a token (input, DEPOT_TOKEN, else OIDC and exchange), find the CLI
// (io.which) and run the build, then publish results in groups. The docker action asks docker instead:
// `docker version`, `docker info`, `docker buildx version`, `docker buildx inspect`, one after another.
import * as core from '@actions/core'
import * as exec from '@actions/exec'
import {HttpClient} from '@actions/http-client'
import * as io from '@actions/io'
import * as fs from 'node:fs'
import * as path from 'node:path'

const FLAGS = {
  'add-hosts': '--add-host', allow: '--allow', annotations: '--annotation', attests: '--attest',
  'build-args': '--build-arg', 'build-contexts': '--build-context', 'build-platform': '--build-platform',
  'cache-from': '--cache-from', 'cache-to': '--cache-to', 'cgroup-parent': '--cgroup-parent', file: '--file',
  labels: '--label', lint: '--lint', 'lint-fail-on': '--lint-fail-on', load: '--load', network: '--network',
  'no-cache': '--no-cache', 'no-cache-filters': '--no-cache-filter', outputs: '--output', platforms: '--platform',
  project: '--project', provenance: '--provenance', pull: '--pull', push: '--push', save: '--save',
  'save-tag': '--save-tag', sbom: '--sbom', 'sbom-dir': '--sbom-dir', 'shm-size': '--shm-size', ssh: '--ssh',
  tags: '--tag', target: '--target', ulimit: '--ulimit',
}
const DEPOT_ONLY = ['build-platform', 'lint', 'lint-fail-on', 'project', 'save', 'save-tag', 'sbom-dir']
const BOOLEANS = ['lint', 'load', 'no-cache', 'pull', 'push', 'save']
const OTHERS = ['builder', 'buildx-fallback', 'context', 'github-token', 'secret-files', 'secrets', 'token']

// A composite action's variables have `_` where a Node action's have `-`. Reading either costs the same.
const input = name => core.getInput(name.replaceAll('-', '_'))

function readInputs() {
  const inputs = {}
  for (const name of [...Object.keys(FLAGS), ...OTHERS]) inputs[name] = input(name)
  return inputs
}

function buildArguments(inputs, docker, folder) {
  const found = ['--iidfile', path.join(folder, 'iidfile'), '--metadata-file', path.join(folder, 'metadata')]
  for (const [name, flag] of Object.entries(FLAGS)) {
    const value = inputs[name]
    if (!value || (docker && DEPOT_ONLY.includes(name))) continue
    if (BOOLEANS.includes(name)) {
      if (value === 'true') found.push(flag)
    } else if (name === 'platforms') {
      found.push(flag, value)
    } else {
      for (const item of value.split('\n')) if (item.trim()) found.push(flag, item.trim())
    }
  }
  return [...found, inputs.context]
}

async function askDepot() {
  await exec.getExecOutput('depot', [], {ignoreReturnCode: true, silent: true})
  await core.group('Depot version', () => exec.exec('depot', ['version']))
}

async function askDocker() {
  await core.group('Docker info', async () => {
    await exec.exec('docker', ['version'])
    await exec.exec('docker', ['info'])
  })
  await core.group('Buildx version', () => exec.exec('docker', ['buildx', 'version']))
  await core.group('Builder info', () => exec.exec('docker', ['buildx', 'inspect']))
}

async function getToken(inputs) {
  if (inputs.token || process.env.DEPOT_TOKEN) return inputs.token || process.env.DEPOT_TOKEN
  const client = new HttpClient('yardstick')
  const identity = await core.getIDToken('https://depot.dev')
  const answer = await client.postJson(`${process.env.DEPOT_AUTH_URL}/auth/oidc/github-actions`, {token: identity})
  return answer.result.token
}

// Publishes one result, if there is one, in its own group.
async function publish(title, name, value) {
  if (!value) return
  await core.group(title, async () => {
    core.info(value)
    core.setOutput(name, value)
  })
}

async function publishAll(folder) {
  const read = name => (fs.existsSync(path.join(folder, name)) ? fs.readFileSync(path.join(folder, name), 'utf8') : '')
  const metadata = read('metadata').trim()
  await publish('ImageID', 'imageid', read('iidfile').trim())
  await publish('Digest', 'digest', metadata && JSON.parse(metadata)['containerimage.digest'])
  await publish('Metadata', 'metadata', metadata)
}

async function main() {
  const docker = process.env.YARDSTICK_BUILDER === 'docker'
  const folder = fs.mkdtempSync(path.join(process.env.RUNNER_TEMP, 'yardstick-'))
  await (docker ? askDocker() : askDepot())
  const inputs = readInputs()
  const token = docker ? '' : await getToken(inputs)
  const program = await io.which(docker ? 'docker' : 'depot', true)
  const words = [...(docker ? ['buildx', 'build'] : ['build']), ...buildArguments(inputs, docker, folder)]
  await exec.exec(program, words, token ? {env: {...process.env, DEPOT_TOKEN: token}} : {})
  await publishAll(folder)
}

// The post step removes the files of the step. It can find them without the state that the runner passes to it.
async function post() {
  const folders = fs.readdirSync(process.env.RUNNER_TEMP).filter(name => name.startsWith('yardstick-'))
  for (const folder of folders) await io.rmRF(path.join(process.env.RUNNER_TEMP, folder))
}

const run = core.getState('post') === 'true' ? post : main
run().catch(error => core.setFailed(error.message))
