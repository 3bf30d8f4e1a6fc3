package dev.cresset.codecs;

import dev.cresset.InvalidInputException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The messages ModelInferRequest and ModelInferResponse of the package {@code inference}. Their fields, by number:
 *
 * <pre>
 * ModelInferRequest   1 model_name, 2 model_version, 3 id, 4 map parameters, 5 inputs, 6 outputs, 7 raw_input_contents
 * ModelInferResponse  1 model_name, 2 model_version, 3 id, 4 map parameters, 5 outputs, 6 raw_output_contents
 * Infer...Tensor      1 name, 2 datatype, 3 shape (int64), 4 map parameters, 5 contents
 * InferRequestedOutputTensor  1 name, 2 map parameters
 * </pre>
 */
final class ProtoMessages {
    private static final int MODEL_NAME = 1;
    private static final int MODEL_VERSION = 2;
    private static final int ID = 3;
    private static final int PARAMETERS = 4;
    private static final int TENSORS = 5;
    private static final int WANTED = 6;

    private ProtoMessages() {}

    private static int rawField(boolean request) {
        return request ? 7 : 6;
    }

    static Message read(String what, byte[] bytes) {
        boolean request = what.equals("request");
        String name = "";
        String version = "";
        String id = "";
        Map<String, Object> parameters = new LinkedHashMap<>();
        List<ProtoTensor> tensors = new ArrayList<>();
        List<InferRequest.Output> wanted = new ArrayList<>();
        List<ByteBuffer> raw = new ArrayList<>();
        ProtoReader in = new ProtoReader(what, ByteBuffer.wrap(bytes));
        while (in.next()) {
            int field = in.field();
            if (field == rawField(request)) {
                raw.add(in.message());
            } else {
                switch (field) {
                    case MODEL_NAME -> name = in.string();
                    case MODEL_VERSION -> version = in.string();
                    case ID -> id = in.string();
                    case PARAMETERS -> ProtoParameters.read(what, in.message(), parameters);
                    case TENSORS -> tensors.add(ProtoTensor.read(what, in.message()));
                    case WANTED -> wanted.add(wanted(what, in.message()));
                    default -> in.skip();
                }
            }
        }
        return new Message(request, name, version, id, parameters, tensors(what, tensors, raw), wanted);
    }

    private static InferRequest.Output wanted(String what, ByteBuffer message) {
        String name = "";
        Map<String, Object> parameters = new LinkedHashMap<>();
        ProtoReader in = new ProtoReader(what, message);
        while (in.next()) {
            switch (in.field()) {
                case 1 -> name = in.string();
                case 2 -> ProtoParameters.read(what, in.message(), parameters);
                default -> in.skip();
            }
        }
        return new InferRequest.Output(name, parameters);
    }

    private static List<InferTensor> tensors(String what, List<ProtoTensor> found, List<ByteBuffer> raw) {
        if (!raw.isEmpty() && raw.size() != found.size()) {
            throw new InvalidInputException("the " + what + " has " + found.size() + " tensors and the raw contents of "
                    + raw.size() + ", expected those of all or of none");
        }
        List<InferTensor> tensors = new ArrayList<>(found.size());
        boolean success = false;
        try {
            for (int i = 0; i < found.size(); i++) {
                tensors.add(raw.isEmpty() ? found.get(i).typed() : found.get(i).raw(raw.get(i)));
            }
            success = true;
            return tensors;
        } finally {
            if (!success) {
                tensors.forEach(InferTensor::close);
            }
        }
    }

    static byte[] write(Message message, boolean typed) {
        ProtoWriter out = new ProtoWriter();
        out.string(MODEL_NAME, message.modelName());
        out.string(MODEL_VERSION, message.modelVersion());
        out.string(ID, message.id());
        ProtoParameters.write(out, PARAMETERS, message.parameters());
        for (InferTensor tensor : message.tensors()) {
            out.message(TENSORS, ProtoTensor.write(tensor, typed));
        }
        for (InferRequest.Output output : message.wanted()) {
            ProtoWriter one = new ProtoWriter();
            one.string(1, output.name());
            ProtoParameters.write(one, 2, output.parameters());
            out.message(WANTED, one);
        }
        if (!typed) {
            for (InferTensor tensor : message.tensors()) {
                out.bytes(rawField(message.isRequest()), Elements.raw(tensor));
            }
        }
        return out.toBytes();
    }
}
