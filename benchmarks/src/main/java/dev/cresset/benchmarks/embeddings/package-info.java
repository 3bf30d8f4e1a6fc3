/** all-MiniLM-L6-v2 under LangChain4j: Cresset on both engines beside LangChain4j's own model in the process; see embeddings.sh. */
@NullMarked
package dev.cresset.benchmarks.embeddings;

import org.jspecify.annotations.NullMarked;
