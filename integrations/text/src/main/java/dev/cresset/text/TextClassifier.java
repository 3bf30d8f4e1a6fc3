package dev.cresset.text;

import dev.cresset.Answer;
import dev.cresset.Handler;
import dev.cresset.Inputs;
import dev.cresset.InvalidInputException;
import dev.cresset.handler.Classification;
import dev.cresset.handler.IndexToName;
import dev.cresset.mar.ModelArchive;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * TorchServe's {@code text_classifier}: a text in, all classes out, in the model's order. The text loses its HTML tags,
 * accents and punctuation, contractions are expanded (don't, do not), and its words and pairs of neighbouring words are
 * looked up in the vocabulary. The model takes their numbers, and where each text starts among them, which is 0.
 *
 * <p>The vocabulary is {@code source_vocab.json}, an object from words to numbers or a list of words; TorchServe's own {@code
 * source_vocab.pt} is read where it holds a plain dict, OrderedDict or Counter, which is all that {@code torch.load} reads
 * without trusting the file; an object of torchtext needs Python. A word that it lacks is {@code <unk>}.
 *
 * <p>Bytes that are no UTF-8, and texts without a word that ASCII can write, are an {@link InvalidInputException}; TorchServe
 * fails on them. Immutable, safe for use by several threads.
 */
public final class TextClassifier implements Handler<String, List<Classification>> {

    private final String archive;
    private final Vocabulary vocabulary;
    private final IndexToName names;

    private TextClassifier(String archive, Vocabulary vocabulary, IndexToName names) {
        this.archive = archive;
        this.vocabulary = vocabulary;
        this.names = names;
    }

    /**
     * A classifier with the vocabulary of an archive, naming classes as its {@code index_to_name.json} does.
     *
     * @throws IOException if the archive cannot be read, or has no vocabulary that can be read without Python
     */
    public static TextClassifier of(ModelArchive archive) throws IOException {
        return new TextClassifier(archive.name(), Vocabulary.of(archive), IndexToName.of(archive));
    }

    /** This classifier, of bytes, a text in UTF-8, answering with the JSON text that TorchServe sends. */
    public Handler<byte[], String> asJson() {
        return new Json();
    }

    private final class Json implements Handler<byte[], String> {
        @Override
        public Answer<String> preprocess(byte[] text, Inputs inputs) {
            write(TextRequest.utf8(archive, text), inputs);
            return output -> SequenceClassifier.toJson(classes(output));
        }

        @Override
        public boolean isBatched() {
            return TextClassifier.this.isBatched();
        }
    }

    /** The model counts words there, not texts. */
    @Override
    public boolean isBatched() {
        return false;
    }

    @Override
    public Answer<List<Classification>> preprocess(String text, Inputs inputs) {
        write(text, inputs);
        return this::classes;
    }

    private void write(String text, Inputs inputs) {
        List<String> words = EnglishWords.withPairs(EnglishWords.of(text));
        if (words.isEmpty()) {
            throw new InvalidInputException(
                    archive + ": the text has no words in ASCII, of which text_classifier needs at least one");
        }
        long[] ids = new long[words.size()];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = vocabulary.id(words.get(i));
        }
        inputs.tensor(DataType.INT64, ids.length).asLongBuffer().put(ids);
        inputs.tensor(DataType.INT64, 1).asLongBuffer().put(0, 0L);
    }

    private List<Classification> classes(Value output) {
        Tensor logits = output.asTensor();
        long[] shape = logits.shape();
        if (shape.length != 2 || shape[0] != 1) {
            throw new IllegalStateException(
                    "the model answered one text with " + logits + ", expected the shape [1, classes]");
        }
        float[] scores = logits.toFloatArray();
        ScoreFunction.SOFTMAX.apply(scores, 0, scores.length);
        List<Classification> classes = new ArrayList<>(scores.length);
        for (int i = 0; i < scores.length; i++) {
            classes.add(new Classification(i, names.name(i), scores[i]));
        }
        return List.copyOf(classes);
    }
}
