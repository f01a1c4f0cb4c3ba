using System.Collections.Concurrent;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
[DoNotParallelize]
public sealed class DividedAnswersTests
{
    private const int Rows = 16;

    private readonly ConcurrentQueue<(int First, int Count)> _asked = new();

    [TestMethod]
    public void Answer_PartsAgree_FromTheThirdCallInParts()
        => OnTwoThreads(() =>
        {
            using var x = randn(Rows, 3);
            var answers = new DividedAnswers(parameters: 1);
            for (int call = 0; call < 4; call++)
            {
                _asked.Clear();
                using var answer = Answer(answers, (first, count) => x.narrow(0, first, count).clone());
                Assert.IsTrue(answer.bytes.SequenceEqual(x.bytes));
                (int, int)[] parts = [(0, 8), (8, 8)];
                Assert.AreSequenceEqual(call < 2 ? [(0, Rows), .. parts] : parts, _asked.Order().ToArray().OrderBy(each => (each.Item1, -each.Item2)));
            }
        });

    [TestMethod]
    public void Answer_OneBitDiffers_NeverInParts()
        => OnTwoThreads(() =>
        {
            var answers = new DividedAnswers(parameters: 1);
            for (int call = 0; call < 4; call++)
            {
                using var answer = Answer(answers, (first, count) => full([count, 3], count < Rows && first > 0 ? 1 : MathF.BitIncrement(1)));
                Assert.AreEqual(MathF.BitIncrement(1), answer[Rows - 1, 2].item<float>());
            }
            Assert.HasCount(6, _asked);
        });

    [TestMethod]
    public void Answer_OnlyZeros_TellNothing()
        => OnTwoThreads(() =>
        {
            var answers = new DividedAnswers(parameters: 1);
            for (int call = 0; call < 4; call++)
                Answer(answers, (_, count) => zeros(count, 3)).Dispose();
            Assert.HasCount(12, _asked);
        });

    [TestMethod]
    public void Answer_WithinAPart_Whole()
        => OnTwoThreads(() =>
        {
            using (OperationThreads.OfPart())
                Answer(new DividedAnswers(parameters: 1), (_, count) => ones(count, 3)).Dispose();
            Assert.AreEqual((0, Rows), _asked.Single());
        });

    [TestMethod]
    public void Answer_APartFails_ItsExceptionReachesTheCaller()
        => OnTwoThreads(() => Assert.ThrowsExactly<ArgumentException>(() => Answer(new DividedAnswers(parameters: 1), (first, count) => first > 0 ? throw new ArgumentException("part") : ones(count, 3))));

    [TestMethod]
    public void TrainedNetwork_EachKindOfInput_GivesTheAnswersOfTheWholeBatch()
        => OnTwoThreads(() =>
        {
            var network = new UNet { Channels = 16, HeadChannels = 16, WithSelfConditioning = true };
            var shape = new DataShape(1, 16, 16);
            var layout = new ConditionLayout([new ClassCondition("Label", 3), new PictureCondition("Sketch", new DataShape(1, 16, 16), new DataShape(1, 16, 16), 0, 1)]);
            var parameters = FlatParameters.Create(network.ListParameters(shape, layout), 1, CPU, Precision.Float32, trainable: false);
            using (var noise = randn_like(parameters.Master))
                parameters.Master.add_(noise.mul_(0.02));
            parameters.PublishWeights();
            using var trained = new TrainedNetwork(network, shape, layout, parameters);
            Assert.AreEqual(2, WorkParts.Paying(Rows, 2, (double)network.ProductsOfRow(shape, layout) * Rows, parameters.Count));
            using var x = randn(Rows, 1, 16, 16);
            using var previous = randn(Rows, 1, 16, 16);
            using var packed = randn(Rows, layout.Width);
            packed[TensorIndex.Colon, 0] = arange(Rows).remainder(4);
            var condition = new Conditioning(layout, packed);
            float[] levels = [.. Enumerable.Range(0, Rows).Select(row => row / 10f)];
            using var whole = trained.AnswerWhole(x, levels, condition, dropout: null, previous, Precision.Float32);
            for (int call = 0; call < 4; call++)
            {
                using var answer = trained.Answer(x, levels, condition, previous: previous);
                Assert.IsTrue(answer.is_contiguous());
                // Where parts are not taken, the answer is the whole one; where they are, they had its bits.
                Assert.IsTrue(answer.bytes.SequenceEqual(whole.bytes));
            }
        });

    private Tensor Answer(DividedAnswers answers, Func<int, int, Tensor> answer)
    {
        var program = NetworkProgram.Trace(UNet.Small, [Rows, 1, 16, 16], []);
        return answers.Answer(Rows, program, Precision.Float32, (first, count) =>
        {
            _asked.Enqueue((first, count));
            return answer(first, count);
        });
    }

    private static void OnTwoThreads(Action test)
    {
        if (!OperationThreads.AreOwn)
            Assert.Inconclusive("libtorch's number of threads can not be set for one thread alone on this system.");
        int threads = get_num_threads();
        set_num_threads(2);
        try
        {
            using var noGrad = no_grad();
            test();
        }
        finally
        {
            set_num_threads(threads);
        }
    }
}
