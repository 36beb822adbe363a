#include "CSentencePiece.h"

#include <cstdlib>
#include <cstring>
#include <exception>
#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include <sentencepiece_processor.h>
#include <sentencepiece_trainer.h>

using sentencepiece::SentencePieceProcessor;
using sentencepiece::SentencePieceTrainer;
using sentencepiece::util::Status;

struct csp_model {
  SentencePieceProcessor processor;
};

namespace {

void tell(const char *text, char *error, size_t room) {
  if (room == 0) return;
  const size_t count = std::min(std::strlen(text), room - 1);
  std::memcpy(error, text, count);
  error[count] = 0;
}

// The one place that the library is called through where it may fail: statuses and exceptions become text.
bool checked(char *error, size_t room, const std::function<Status()> &body) noexcept {
  try {
    const Status status = body();
    if (status.ok()) return true;
    tell(status.error_message(), error, room);
  } catch (const std::exception &exception) {
    tell(exception.what(), error, room);
  } catch (...) {
    tell("an unknown exception", error, room);
  }
  return false;
}

// Places in a word are kept in 16 bits by the trainer, which writes beside its memory in a longer one, as a genome has: characters of a
// word that it is given at most.
constexpr size_t longest_word = 30000;

// Where a line is cut: at its end, or within a word that is too long.
size_t piece_end(const std::string &line, size_t from) {
  size_t run = 0;
  for (size_t i = from; i < line.size(); i++) {
    if (line[i] == ' ') {
      run = 0;
    } else if ((line[i] & 0xC0) != 0x80 && ++run > longest_word) {
      return i;
    }
  }
  return line.size();
}

// Lines that somebody else gives.
class Lines : public sentencepiece::SentenceIterator {
 public:
  Lines(csp_next_line next, void *context) : next_(next), context_(context) { Next(); }
  bool done() const override { return done_; }
  void Next() override {
    if (end_ == line_.size()) {
      size_t count = 0;
      const char *text = next_(context_, &count);
      done_ = text == nullptr;
      line_.assign(done_ ? "" : text, done_ ? 0 : count);
      end_ = 0;
    }
    const size_t begin = end_;
    end_ = piece_end(line_, begin);
    piece_ = begin == 0 && end_ == line_.size() ? line_ : line_.substr(begin, end_ - begin);
  }
  const std::string &value() const override { return piece_; }
  Status status() const override { return Status(); }

 private:
  csp_next_line next_;
  void *context_;
  std::string line_, piece_;
  size_t end_ = 0;
  bool done_ = false;
};

}  // namespace

bool csp_train(const char *method, int size, double coverage, csp_next_line next, void *context, uint8_t **model,
               size_t *count, char *error, size_t room) {
  return checked(error, room, [&]() -> Status {
    // One thread, all lines in their order and none drawn: the same lines give the same bytes. The text is taken as it is,
    // so that what is decoded is what was encoded.
    const std::unordered_map<std::string, std::string> settings = {
        {"model_type", method},
        {"vocab_size", std::to_string(size)},
        {"character_coverage", std::to_string(coverage)},
        {"model_prefix", ""},
        {"normalization_rule_name", "identity"},
        {"add_dummy_prefix", "false"},
        {"remove_extra_whitespaces", "false"},
        {"allow_whitespace_only_pieces", "true"},
        {"byte_fallback", "true"},
        {"hard_vocab_limit", "true"},
        {"pad_id", "0"},
        {"unk_id", "1"},
        {"bos_id", "-1"},
        {"eos_id", "-1"},
        {"num_threads", "1"},
        {"input_sentence_size", "0"},
        {"shuffle_input_sentence", "false"},
        {"max_sentence_length", "1048576"},
        {"minloglevel", "4"},
    };
    Lines lines(next, context);
    std::string bytes;
    const Status status = SentencePieceTrainer::Train(settings, &lines, &bytes);
    if (!status.ok()) return status;
    *model = static_cast<uint8_t *>(std::malloc(std::max<size_t>(1, bytes.size())));
    if (*model == nullptr) throw std::bad_alloc();
    std::memcpy(*model, bytes.data(), bytes.size());
    *count = bytes.size();
    return status;
  });
}

void csp_free(void *memory) { std::free(memory); }

csp_model *csp_open(const uint8_t *bytes, size_t count, char *error, size_t room) {
  csp_model *model = nullptr;
  const bool opened = checked(error, room, [&] {
    model = new csp_model;
    return model->processor.LoadFromSerializedProto({reinterpret_cast<const char *>(bytes), count});
  });
  if (opened) return model;
  csp_close(model);
  return nullptr;
}

void csp_close(csp_model *model) { delete model; }

int csp_size(const csp_model *model) { return model->processor.GetPieceSize(); }

const char *csp_piece(const csp_model *model, int id, size_t *count) {
  const std::string &piece = model->processor.IdToPiece(id);
  *count = piece.size();
  return piece.data();
}

csp_kind csp_kind_of(const csp_model *model, int id) {
  const SentencePieceProcessor &processor = model->processor;
  if (processor.IsUnknown(id)) return CSP_UNKNOWN;
  if (processor.IsControl(id)) return CSP_CONTROL;
  if (processor.IsByte(id)) return CSP_BYTE;
  return processor.IsUnused(id) ? CSP_UNUSED : CSP_NORMAL;
}

int csp_padding(const csp_model *model) { return model->processor.pad_id(); }

int csp_id(const csp_model *model, const char *piece) { return model->processor.PieceToId(piece); }

bool csp_encode(const csp_model *model, const char *text, size_t bytes, int32_t *ids, size_t capacity, size_t *count,
                char *error, size_t room) {
  return checked(error, room, [&]() -> Status {
    std::vector<int> found;
    const Status status = model->processor.Encode({text, bytes}, &found);
    *count = found.size();
    if (status.ok() && found.size() <= capacity) std::copy(found.begin(), found.end(), ids);
    return status;
  });
}
