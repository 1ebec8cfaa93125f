"""民心尺 Minxin: public feedback and satisfaction surveys whose numbers can be defended."""

__version__ = "0.1.0"
