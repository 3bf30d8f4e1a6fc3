/**
 * Cresset under LangChain4j's interfaces: {@link CressetEmbeddingModel} embeds texts, {@link CressetScoringModel} re-ranks them,
 * {@link CressetTokenCountEstimator} counts tokens, all in this process.
 *
 * <ol>
 *   <li>They are thin: what computes is {@link dev.cresset.text.SentenceEncoder} and {@link dev.cresset.text.CrossEncoder}, whose
 *       options are theirs. What is opened here is closed here; what is lent ({@code of}) is its owner's.
 *   <li>Failures are LangChain4j's where it has a word for them: a text that the model cannot take is an {@link
 *       dev.langchain4j.exception.InvalidRequestException}, too many requests a {@link
 *       dev.langchain4j.exception.RateLimitException}, a deadline that passed a {@link
 *       dev.langchain4j.exception.TimeoutException}; the last two may be tried again. All others are Cresset's own.
 *   <li>LangChain4j itself is in the caller's application, not brought by this library.
 * </ol>
 */
@NullMarked
package dev.cresset.langchain4j;

import org.jspecify.annotations.NullMarked;
