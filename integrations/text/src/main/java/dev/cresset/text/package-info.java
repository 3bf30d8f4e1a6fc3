/**
 * Handlers for texts. {@link SequenceClassifier}, {@link TextEmbedder} and {@link TokenClassifier} run models exported from
 * transformers, with the tokenizer that the archive brings; {@link TextClassifier} is TorchServe's own {@code
 * text_classifier}.
 *
 * <ol>
 *   <li>Token ids are those of the tokenizers library, the one that Python uses; the rest gives transformers' numbers.
 *   <li>Nothing is downloaded, ever: a tokenizer is the {@code tokenizer.json} in the archive, and the library's natives come
 *       out of its jar, into a temporary file. The system property {@code cresset.tokenizers} names a library to load instead.
 *   <li>A request that cannot be read is an {@link dev.cresset.InvalidInputException}; an archive that lacks something is an
 *       {@link java.io.IOException} when the handler is made; a setting that makes no sense, and a platform without tokenizers,
 *       is a {@link dev.cresset.ModelLoadException}.
 *   <li>Handlers keep no state between calls and may be shared by all threads.
 * </ol>
 */
@NullMarked
package dev.cresset.text;

import org.jspecify.annotations.NullMarked;
