// Asks an SCP for normalized operations, in order, on one association, with the npm package dcmjs-dimse, and prints as JSON what it answered.
// Use: node normalized.js PORT CALLED CALLING < [{ "operation", "sopClass", "sopInstance", "dataSet", "attributes" }, ...]
'use strict';

const fs = require('fs');
const { Client, Dataset, requests, constants } = require('dcmjs-dimse');

const make = {
  'N-CREATE': (one) => new requests.NCreateRequest(one.sopClass, one.sopInstance),
  'N-SET': (one) => new requests.NSetRequest(one.sopClass, one.sopInstance),
  'N-GET': (one) => new requests.NGetRequest(one.sopClass, one.sopInstance, one.attributes ?? []),
};

const [port, called, calling] = process.argv.slice(2);
const answers = [];
const client = new Client();
for (const one of JSON.parse(fs.readFileSync(0, 'utf8'))) {
  const request = make[one.operation](one);
  if (one.dataSet) {
    request.setDataset(new Dataset(one.dataSet, constants.TransferSyntax.ExplicitVRLittleEndian));
  }

  request.on('response', (response) => {
    const command = response.getCommandDataset().getElements();
    answers.push({
      status: response.getStatus(),
      sopInstance: command.AffectedSOPInstanceUID,
      comment: command.ErrorComment,
      errorId: command.ErrorID,
      dataSet: response.getDataset()?.getElements(),
    });
  });
  client.addRequest(request);
}

client.on('associationRejected', (result) => {
  console.error('rejected', result);
  process.exit(1);
});
client.on('networkError', (error) => {
  console.error(error);
  process.exit(1);
});
client.on('closed', () => console.log(JSON.stringify(answers)));
client.send('127.0.0.1', Number(port), calling, called);
