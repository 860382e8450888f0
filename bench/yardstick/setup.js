// What a Node action does to install the CLI, written only for this benchmark: looks up the release, downloads the
// archive to disk, unpacks it with `tar` to a second place, copies that to the runner's tool cache, and adds it to PATH.
import * as core from '@actions/core'
import * as exec from '@actions/exec'
import {HttpClient} from '@actions/http-client'
import * as io from '@actions/io'
import * as fs from 'node:fs'
import * as path from 'node:path'
import {pipeline} from 'node:stream/promises'

async function download(client, url, file) {
  const response = await client.get(url)
  if (response.message.statusCode !== 200) throw new Error(`${url}: status ${response.message.statusCode}`)
  await pipeline(response.message, fs.createWriteStream(file))
}

async function main() {
  const client = new HttpClient('yardstick')
  const temp = fs.mkdtempSync(path.join(process.env.RUNNER_TEMP, 'yardstick-'))
  const lookup = `${process.env.DEPOT_DOWNLOAD_URL}/cli/release/linux/x64/${core.getInput('version') || 'latest'}`
  const {url} = (await client.getJson(lookup)).result
  const version = /\/v([^/]+)\//.exec(url)[1]
  const archive = path.join(temp, 'archive')
  const unpacked = path.join(temp, 'unpacked')
  await download(client, url, archive)
  await io.mkdirP(unpacked)
  await exec.exec('tar', ['xz', '-C', unpacked, '-f', archive])
  const place = path.join(process.env.RUNNER_TOOL_CACHE, 'depot', version, 'x64')
  await io.mkdirP(place)
  await io.cp(path.join(unpacked, 'bin', 'depot'), path.join(place, 'depot'))
  fs.writeFileSync(`${place}.complete`, '')
  core.addPath(place)
}

main().catch(error => core.setFailed(error.message))
