// Stores, searches and retrieves with the npm package dicomweb-client, and prints as JSON what it got.
// Use: node check.js BASE_URL FILE...
'use strict';

globalThis.XMLHttpRequest = require('xhr2');
const crypto = require('crypto');
const fs = require('fs');
const { api } = require('dicomweb-client');

const digest = (buffer) => crypto.createHash('sha256').update(Buffer.from(buffer)).digest('hex');
const value = (dataSet, tag) => dataSet[tag]?.Value?.[0];

async function main(url, files) {
  const client = new api.DICOMwebClient({ url });
  const datasets = files.map((file) => new Uint8Array(fs.readFileSync(file)).buffer);
  const stored = JSON.parse(await client.storeInstances({ datasets }));
  const result = { stored: (stored['00081199']?.Value ?? []).map((item) => value(item, '00081155')), instances: [] };

  const studies = await client.searchForStudies({ queryParams: { limit: 101, offset: 0, fuzzymatching: false, includefield: '00081030,00080060' } });
  result.studies = studies.map((study) => value(study, '0020000D'));
  for (const studyInstanceUID of result.studies) {
    const parts = await client.retrieveStudy({ studyInstanceUID });
    for (const series of await client.searchForSeries({ studyInstanceUID })) {
      const seriesInstanceUID = value(series, '0020000E');
      const metadata = await client.retrieveSeriesMetadata({ studyInstanceUID, seriesInstanceUID });
      const found = await client.searchForInstances({ studyInstanceUID, seriesInstanceUID });
      for (const instance of found) {
        const sopInstanceUID = value(instance, '00080018');
        const ids = { studyInstanceUID, seriesInstanceUID, sopInstanceUID };
        const own = metadata.find((one) => value(one, '00080018') === sopInstanceUID);
        const frames = Number(value(own, '00280008') ?? 1);
        const entry = {
          sopInstanceUID,
          ofStudy: parts.length,
          transferSyntax: value(own, '00083002'),
          instance: digest(await client.retrieveInstance(ids)),
          metadata: value((await client.retrieveInstanceMetadata(ids))[0] ?? {}, '00080018'),
        };
        if (own['7FE00010']) {
          const list = Array.from({ length: frames }, (_, i) => i + 1);
          const mediaTypes = [{ mediaType: 'application/octet-stream', transferSyntaxUID: '*' }];
          entry.frames = (await client.retrieveInstanceFrames({ ...ids, frameNumbers: list, mediaTypes })).map(digest);
          const bulk = await client.retrieveBulkData({ BulkDataURI: own['7FE00010'].BulkDataURI, mediaTypes });
          entry.bulk = bulk.map((one) => one.byteLength);
        }
        result.instances.push(entry);
      }
    }
  }

  result.missing = await client.retrieveStudyMetadata({ studyInstanceUID: '1.2.3.4.5' }).then(() => 'found', (error) => error.status);
  console.log(JSON.stringify(result));
}

main(process.argv[2], process.argv.slice(3)).catch((error) => {
  console.error(error.status ? `HTTP ${error.status}: ${error.message}` : error);
  process.exit(1);
});
