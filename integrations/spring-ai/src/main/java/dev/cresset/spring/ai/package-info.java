/**
 * Cresset under Spring AI's interface: {@link CressetEmbeddingModel} embeds texts in this process, and {@link
 * CressetEmbeddingAutoConfiguration} makes it the application's {@code EmbeddingModel} where {@code spring.ai.model.embedding} is
 * {@code cresset}.
 *
 * <ol>
 *   <li>It is thin: what computes is {@link dev.cresset.text.SentenceEncoder}, whose options are the properties' ({@link
 *       CressetEmbeddingProperties}).
 *   <li>A request is observed as those of Spring AI's other models are.
 *   <li>Failures are Cresset's own: {@link dev.cresset.InferenceException} and its kinds.
 *   <li>Spring AI and Spring Boot are in the caller's application, not brought by this library.
 * </ol>
 */
@NullMarked
package dev.cresset.spring.ai;

import org.jspecify.annotations.NullMarked;
