// An archive of the npm package dcmjs-dimse: it keeps what it is sent in a folder, and answers queries of the Study Root, C-MOVE and C-GET from there.
// Use: node scp.js FOLDER TITLE [TITLE=PORT]...   (the others are the destinations of C-MOVE at 127.0.0.1)
// It says "listening PORT" when it is there, and ends with its input.
'use strict';

const fs = require('fs');
const path = require('path');
const { Client, Dataset, Scp, Server, log, requests, responses, constants } = require('dcmjs-dimse');
const { PresentationContextResult, RejectReason, RejectResult, RejectSource, Status, TransferSyntax } = constants;
log.disableAll();

const [folder, title, ...others] = process.argv.slice(2);
const destinations = new Map(others.map((one) => one.split('=')));
const levels = { STUDY: 'StudyInstanceUID', SERIES: 'SeriesInstanceUID', IMAGE: 'SOPInstanceUID' };
const taken = [TransferSyntax.ExplicitVRLittleEndian, TransferSyntax.ImplicitVRLittleEndian, TransferSyntax.JpegBaseline, TransferSyntax.JpegLossless, TransferSyntax.RleLossless];

function stored() {
  return fs.readdirSync(folder).sort().map((name) => path.join(folder, name)).map((file) => ({ file, elements: Dataset.fromFile(file).getElements() }));
}

function text(value) {
  return String(Array.isArray(value) && value.length === 1 ? text(value[0]) : value?.Alphabetic ?? value ?? '');
}

function fits(key, value) {
  const wanted = Array.isArray(key) ? key : text(key).split('\\');
  return text(key) === '' || wanted.some((one) => new RegExp(`^${text(one).replace(/[.^$+()[\]{}|\\]/g, '\\$&').replace(/\*/g, '.*').replace(/\?/g, '.')}$`, 'i').test(text(value)));
}

// The instances that an identifier names, one for each entity of a level.
function find(identifier, each) {
  const keys = Object.entries(identifier.getElements()).filter(([name]) => name !== 'QueryRetrieveLevel' && name !== '_vrMap' && name !== 'SpecificCharacterSet' && !name.startsWith('NumberOf') && name !== 'ModalitiesInStudy' && name !== 'SOPClassesInStudy');
  const seen = new Set();
  return stored().filter(({ elements }) => keys.every(([name, value]) => fits(value, elements[name]))).filter(({ elements }) => !seen.has(elements[each]) && seen.add(elements[each]));
}

class Archive extends Scp {
  associationRequested(association) {
    this.association = association;
    if (association.getCalledAeTitle().trim() !== title) {
      this.sendAssociationReject(RejectResult.Permanent, RejectSource.ServiceUser, RejectReason.CalledAeNotRecognized);
      return;
    }

    for (const { context } of association.getPresentationContexts()) {
      const syntax = context.getTransferSyntaxUids().find((uid) => taken.includes(uid));
      context.setResult(syntax ? PresentationContextResult.Accept : PresentationContextResult.RejectTransferSyntaxesNotSupported, syntax);
    }

    this.sendAssociationAccept();
  }

  associationReleaseRequested() {
    this.sendAssociationReleaseResponse();
  }

  cEchoRequest(request, callback) {
    this.answer(responses.CEchoResponse.fromRequest(request), Status.Success, callback);
  }

  cStoreRequest(request, callback) {
    request.getDataset().toFile(path.join(folder, `${request.getAffectedSopInstanceUid()}.dcm`));
    this.answer(responses.CStoreResponse.fromRequest(request), Status.Success, callback);
  }

  cFindRequest(request, callback) {
    const level = request.getDataset().getElement('QueryRetrieveLevel');
    const keys = Object.keys(request.getDataset().getElements()).filter((name) => name !== '_vrMap');
    const matches = find(request.getDataset(), levels[level]).map(({ elements }) => {
      const response = responses.CFindResponse.fromRequest(request);
      response.setStatus(Status.Pending);
      response.setDataset(new Dataset({ ...Object.fromEntries(keys.map((name) => [name, elements[name] ?? ''])), QueryRetrieveLevel: level }));
      return response;
    });
    const end = responses.CFindResponse.fromRequest(request);
    end.setStatus(Status.Success);
    callback([...matches, end]);
  }

  cMoveRequest(request, callback) {
    const to = text(request.getCommandDataset().getElement('MoveDestination')).trim();
    const instances = find(request.getDataset(), 'SOPInstanceUID');
    if (!destinations.has(to)) {
      this.answer(responses.CMoveResponse.fromRequest(request), Status.MoveDestinationUnknown, (response) => callback([response]));
      return;
    }

    const counts = { completed: 0, failed: 0 };
    const end = () => this.count(responses.CMoveResponse.fromRequest(request), instances.length, counts, (response) => this.sendResponse(request, response));
    const client = new Client();
    for (const { file } of instances) {
      const store = new requests.CStoreRequest(file);
      store.on('response', (response) => {
        counts[response.getStatus() === Status.Success ? 'completed' : 'failed']++;
        if (counts.completed + counts.failed < instances.length) {
          end();
        }
      });
      client.addRequest(store);
    }

    client.on('networkError', (error) => console.error(error));
    client.on('closed', () => {
      counts.failed = instances.length - counts.completed;
      end();
    });
    if (instances.length > 0) {
      client.send('127.0.0.1', Number(destinations.get(to)), title, to);
    } else {
      end();
    }
  }

  cGetRequest(request) {
    const instances = find(request.getDataset(), 'SOPInstanceUID');
    const counts = { completed: 0, failed: 0 };
    const told = () => this.count(responses.CGetResponse.fromRequest(request), instances.length, counts, (response) => this.sendResponse(request, response));
    const stores = instances.map(({ file }) => {
      // Without a context for just its transfer syntax the package takes any: an uncompressed data set goes as it was agreed on first.
      const dataSet = Dataset.fromFile(file);
      if (dataSet.getTransferSyntaxUid() === TransferSyntax.ImplicitVRLittleEndian) {
        dataSet.setTransferSyntaxUid(TransferSyntax.ExplicitVRLittleEndian);
      }

      const store = new requests.CStoreRequest(dataSet);
      store.on('response', (response) => {
        counts[response.getStatus() === Status.Success ? 'completed' : 'failed']++;
        told();
      });
      return store;
    });
    if (stores.length > 0) {
      this.sendRequests(stores);
    } else {
      told();
    }
  }

  cCancelRequest() {}

  count(response, total, { completed, failed }, send) {
    const remaining = total - completed - failed;
    response.setStatus(remaining > 0 ? Status.Pending : failed > 0 ? 0xb000 : Status.Success);
    if (remaining > 0) {
      response.setRemaining(remaining);
    }

    response.setCompleted(completed);
    response.setFailures(failed);
    response.setWarnings(0);
    send(response);
  }

  answer(response, status, send) {
    response.setStatus(status);
    send(response);
  }
}

const server = new Server(Archive);
server.on('networkError', (error) => console.error(error));
server.listen(0);
const waiting = setInterval(() => {
  if (server.server.listening) {
    clearInterval(waiting);
    console.log(`listening ${server.server.address().port}`);
  }
}, 10);
process.stdin.on('end', () => process.exit(0)).resume();
