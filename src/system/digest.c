#include "system/digest.h"

#include <pthread.h>
#include <sodium.h>
#include <stdbool.h>

enum { BLOCKS = 3 }; /* one being filled, one being hashed, one in between */

struct digest {
    pthread_t thread;
    bool threaded;
    crypto_hash_sha256_state state;
    pthread_mutex_t lock; /* for all members below, except the content of the blocks */
    pthread_cond_t changed;
    size_t added; /* blocks so far */
    size_t reckoned;
    bool ended;
    size_t lengths[BLOCKS];
    char blocks[BLOCKS][DIGEST_BLOCK_SIZE];
};

static void reckon(struct digest *digest, size_t number)
{
    crypto_hash_sha256_update(&digest->state,
                              (const unsigned char *)digest->blocks[number % BLOCKS],
                              digest->lengths[number % BLOCKS]);
}

static void *reckon_all(void *context)
{
    struct digest *digest = context;
    pthread_mutex_lock(&digest->lock);
    for (;;) {
        while (digest->reckoned == digest->added && !digest->ended)
            pthread_cond_wait(&digest->changed, &digest->lock);
        if (digest->reckoned == digest->added)
            break;
        pthread_mutex_unlock(&digest->lock);
        reckon(digest, digest->reckoned);
        pthread_mutex_lock(&digest->lock);
        digest->reckoned++;
        pthread_cond_signal(&digest->changed);
    }
    pthread_mutex_unlock(&digest->lock);
    return NULL;
}

struct digest *digest_begin(struct arena *arena)
{
    struct digest *digest = arena_allocate(arena, sizeof(*digest));
    crypto_hash_sha256_init(&digest->state);
    pthread_mutex_init(&digest->lock, NULL);
    pthread_cond_init(&digest->changed, NULL);
    digest->threaded = pthread_create(&digest->thread, NULL, reckon_all, digest) == 0;
    return digest;
}

char *digest_block(struct digest *digest)
{
    pthread_mutex_lock(&digest->lock);
    while (digest->added - digest->reckoned == BLOCKS)
        pthread_cond_wait(&digest->changed, &digest->lock);
    pthread_mutex_unlock(&digest->lock);
    return digest->blocks[digest->added % BLOCKS];
}

void digest_add(struct digest *digest, size_t length)
{
    pthread_mutex_lock(&digest->lock);
    digest->lengths[digest->added % BLOCKS] = length;
    if (!digest->threaded)
        reckon(digest, digest->reckoned++);
    digest->added++;
    pthread_cond_signal(&digest->changed);
    pthread_mutex_unlock(&digest->lock);
}

void digest_end(struct digest *digest, unsigned char sum[DIGEST_SIZE])
{
    pthread_mutex_lock(&digest->lock);
    digest->ended = true;
    pthread_cond_signal(&digest->changed);
    pthread_mutex_unlock(&digest->lock);
    if (digest->threaded)
        pthread_join(digest->thread, NULL);
    pthread_cond_destroy(&digest->changed);
    pthread_mutex_destroy(&digest->lock);
    crypto_hash_sha256_final(&digest->state, sum);
}
